"""All additions to MiniStack, in one list."""

from __future__ import annotations

from laptop.aws import (
    access_key,
    alarms,
    bucket_metrics,
    bucket_settings,
    cloudwatch_rights,
    custom_resources,
    customer_keys,
    denials,
    drift,
    embedded_metrics,
    export_use,
    firehose,
    kinesis_encryption,
    kinesis_import,
    kinesis_limits,
    kinesis_metrics,
    kinesis_scaling,
    lambda_code,
    lambda_metrics,
    lambda_workers,
    log_arns,
    machine_image,
    managed_key,
    metric_filters,
    notification_delay,
    notification_overlap,
    output_changes,
    schedules,
    secret,
    secure_transport,
    stack_limits,
    subscriptions,
)
from laptop.aws.access_key import AccessKey
from laptop.aws.cloudformation import ResourceType, register
from laptop.aws.faults import functions as failing_functions
from laptop.aws.faults import notifications
from laptop.aws.flow_log import FlowLog
from laptop.aws.iam_group import Group, UserToGroupAddition
from laptop.aws.metrics import graph_data, store
from laptop.aws.oidc_provider import OidcProvider
from laptop.aws.settings import EmulatorSettings
from laptop.aws.throttling import functions as concurrency
from laptop.aws.throttling import kinesis as throttling

_RESOURCES: tuple[ResourceType, ...] = (
    AccessKey(),
    Group(),
    UserToGroupAddition(),
    OidcProvider(),
    alarms.CompositeAlarm(),
    FlowLog(),
)


def install_all(settings: EmulatorSettings) -> None:
    """Install all additions. Call once, before MiniStack serves."""
    secure_transport.install()
    denials.install()
    customer_keys.install()
    log_arns.install()
    cloudwatch_rights.install()
    firehose.install()
    throttling.install(kinesis_limits.size)
    kinesis_limits.install()
    kinesis_metrics.install()
    for resource in _RESOURCES:
        register(resource)
    access_key.install()
    machine_image.install()
    store.install()
    graph_data.install()
    alarms.install()
    bucket_settings.install()
    bucket_metrics.install()
    managed_key.install()
    secret.install()
    output_changes.install()
    export_use.install()
    lambda_code.install()
    lambda_workers.install()
    failing_functions.install()
    lambda_metrics.install()
    concurrency.install()
    metric_filters.install()
    embedded_metrics.install()
    subscriptions.install()
    schedules.install(minute_seconds=settings.minute_seconds)
    kinesis_encryption.install()
    notification_delay.install(seconds=settings.notification_seconds)
    notification_overlap.install()
    notifications.install()
    custom_resources.install()
    kinesis_scaling.install()
    kinesis_import.install()
    stack_limits.install()
    drift.install()  # notes what all of the others have done
