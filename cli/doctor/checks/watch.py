"""Alarms, their recipients, the dashboard, and what the monitor publishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from clickstream_wire.metrics import NAMESPACE, SENT_EVENTS, Dimension, PipeMetric

if TYPE_CHECKING:
    from cli.doctor.patient import Patient

PENDING = "PendingConfirmation"
_TOPICS = {"critical": "CriticalTopicArn", "warning": "WarningTopicArn"}
# No mailbox: https://www.rfc-editor.org/rfc/rfc2606
_EXAMPLE = "@example.com"
# Windows of the monitor until CloudWatch has values of a new one.
_WINDOWS = 3
# Of the warehouse in a day: the daily one, and those of an incident that lasts for some hours.
_MOST_WAKES = 24
_DOCS = "https://docs.aws.amazon.com"


def _subscriptions(patient: Patient) -> Finding:
    wrong, confirmed, examples = [], 0, 0
    for severity, output in _TOPICS.items():
        topic = patient.output("Ops", output)
        pages = patient.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        there = {one["Endpoint"]: one for page in pages for one in page["Subscriptions"]}
        emails = getattr(patient.config.ops, severity).emails
        for endpoint, one in there.items():
            if one["SubscriptionArn"] != PENDING:
                confirmed += 1
            elif endpoint.endswith(_EXAMPLE):
                examples += 1
            else:
                wrong.append(f"{one['Protocol']} {_shortened(one)} has not confirmed {severity} alarms")
        wrong += [f"{email} is not subscribed to {severity} alarms" for email in emails if email not in there]
    if wrong:
        return ill("; ".join(wrong))
    if not confirmed + examples:
        return ill("the topics have no recipient")
    return well(f"{confirmed} recipients" + (f", {examples} examples without a mailbox" if examples else ""))


def _shortened(subscription: Any) -> str:
    """The recipient; of an endpoint only the host, since the path may be a secret."""
    return "/".join(str(subscription["Endpoint"]).split("/")[:3])


def _alarms(patient: Patient) -> list[Any]:
    """The alarms of the Ops stack."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    names = [name for kind in kinds for name in patient.physical_ids("Ops", kind)]
    found: list[Any] = []
    for start in range(0, len(names), 100):
        answer = patient.client("cloudwatch").describe_alarms(
            AlarmNames=names[start : start + 100], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found += [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
    if missing := set(names) - {alarm["AlarmName"] for alarm in found}:
        raise LookupError(f"alarms are missing: {', '.join(sorted(missing))}")
    return found


def _actions(patient: Patient) -> Finding:
    alarms = _alarms(patient)
    off = [alarm["AlarmName"] for alarm in alarms if not alarm["ActionsEnabled"]]
    if off:
        return ill(f"actions are switched off: {', '.join(off)}")
    acting = sum(bool(alarm.get("AlarmActions")) for alarm in alarms)
    return well(f"{len(alarms)} alarms, {acting} of them with an action")


def _dashboard(patient: Patient) -> Finding:
    cloudwatch, name = patient.client("cloudwatch"), patient.config.prefix
    found = [
        one["DashboardName"]
        for one in cloudwatch.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]
    ]
    return (well if name in found else ill)(f"dashboard {name} {'exists' if name in found else 'is missing'}")


def _metrics(patient: Patient) -> Finding:
    if not patient.config.monitor.enabled:
        return skipped("the monitor is off")
    silent = [
        f"{metric} of {stream.name}"
        for stream in patient.config.event_streams
        for metric in (PipeMetric.PIPE_RUNNING, PipeMetric.END_TO_END_FRESHNESS)
        if not _has_datapoints(patient, metric, stream.name)
    ]
    if silent:
        young = _WINDOWS * patient.config.monitor.window_seconds
        told = f"no value in 15 minutes: {', '.join(silent)}"
        return unknown(f"{told}, and the stack is younger") if patient.age("Ops") < young else ill(told)
    return well("the monitor publishes the state of every pipe and the age of its newest canary")


def _sleeps(patient: Patient) -> Finding:
    if not patient.config.monitor.enabled:
        return skipped("the monitor is off")
    first = patient.config.event_streams[0].name
    wakes = sum(_values(patient, PipeMetric.COMPLETE_COMPARISONS, first, timedelta(days=1)))
    told = f"the monitor has woken the warehouse {wakes:g} times since yesterday"
    return (well if wakes <= _MOST_WAKES else ill)(told)


def _has_datapoints(patient: Patient, metric: str, events: str) -> bool:
    return bool(_values(patient, metric, events, timedelta(minutes=15)))


def _values(patient: Patient, metric: str, events: str, since: timedelta) -> list[float]:
    """The sums of the metric's values, of each minute or, for a longer time, of each hour."""
    now = datetime.now(UTC)
    found = patient.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=str(metric),
        Dimensions=[
            {"Name": str(Dimension.DEPLOYMENT), "Value": patient.config.prefix},
            {"Name": str(Dimension.EVENTS), "Value": events},
        ],
        StartTime=now - since,
        EndTime=now + timedelta(minutes=1),
        Period=60 if since < timedelta(hours=1) else 3600,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in found["Datapoints"]]


def _producer(patient: Patient) -> Finding:
    told = f"{SENT_EVENTS} of {patient.config.event_streams[0].name}"
    if _has_datapoints(patient, SENT_EVENTS, patient.config.event_streams[0].name):
        return well(f"{told} has values")
    return ill(f"{told} has no value in 15 minutes")


def _error_metrics(patient: Patient) -> Finding:
    bucket = patient.output("Storage", "LakeBucketName")
    found = patient.client("s3").list_bucket_metrics_configurations(Bucket=bucket)
    counted = {one.get("Filter", {}).get("Prefix", "") for one in found.get("MetricsConfigurationList", ())}
    missing = [
        stream.error_prefix
        for stream in patient.config.event_streams
        if not any(stream.error_prefix.startswith(prefix) for prefix in counted)
    ]
    return (
        ill(f"not counted: {', '.join(missing)}") if missing else well(f"{len(counted)} prefixes are counted")
    )


CHECKS = (
    Check(
        name="recipients",
        title="Every recipient of alarms has confirmed",
        looks_at="`sns list-subscriptions-by-topic` of both topics",
        otherwise="confirm with the link in the e-mail; deploy again to have it sent again after three days",
        source=f"{_DOCS}/sns/latest/dg/sns-email-notifications.html",
        when=When.AFTER,
        stack="Ops",
        look=_subscriptions,
    ),
    Check(
        name="alarm-actions",
        title="Alarms exist, and their actions are on",
        looks_at="`cloudwatch describe-alarms`",
        otherwise="`aws cloudwatch enable-alarm-actions`; deploy the Ops stack again if alarms are missing",
        source=f"{_DOCS}/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
        when=When.AFTER,
        stack="Ops",
        look=_actions,
    ),
    Check(
        name="dashboard",
        title="The dashboard exists",
        looks_at="`cloudwatch list-dashboards`",
        otherwise="deploy the Ops stack again",
        source=f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html",
        when=When.AFTER,
        stack="Ops",
        look=_dashboard,
    ),
    Check(
        name="metrics",
        title="The monitor publishes its metrics",
        looks_at="`EndToEndFreshness` and `PipeRunning` in CloudWatch, namespace `Clickstream`",
        otherwise="the monitor function's log names the privilege; run the bootstrap SQL again",
        source=f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html",
        when=When.AFTER,
        stack="Ops",
        look=_metrics,
        needs=("monitor-grants", "newest-logins", "bootstrap-grants", "user-roles", "canary"),
    ),
    Check(
        name="monitor-sleeps",
        title="The monitor's sources need no warehouse, and Snowpipe's REST API takes its login",
        looks_at="`CompleteComparisons` of a day in CloudWatch: each wakes the warehouse",
        otherwise="the monitor function's log has the reason (“warehouse asked”): with 401, the REST API refuses the "
        'workload identity, use `login = "key_pair"`; with 403 or 404, run the bootstrap SQL again; with 429, a '
        "longer `monitor.window_seconds`; until then, each window wakes the warehouse ([costs.md](costs.md))",
        source="https://docs.snowflake.com/en/user-guide/data-load-snowpipe-rest-overview",
        when=When.AFTER,
        stack="Ops",
        look=_sleeps,
        laptop="its windows are seconds long",
    ),
    Check(
        name="error-prefix",
        title="S3 counts under the error prefix",
        looks_at="`s3api list-bucket-metrics-configurations`",
        otherwise="deploy the Storage stack again; `--write` puts a file there",
        source=f"{_DOCS}/AmazonS3/latest/userguide/metrics-configurations.html",
        when=When.AFTER,
        stack="Storage",
        look=_error_metrics,
    ),
    Check(
        name="sample-producer",
        title="The sample producer's instance sends, and its log becomes a metric",
        looks_at="the Producer stack, `SentEvents` in CloudWatch",
        otherwise="`cdk deploy --no-rollback`, then its log group: `…/setup` and `…/producer`; before the agent runs, "
        "`aws ec2 get-console-output`; another `instance_type` if its zone does not offer it",
        source=f"{_DOCS}/AWSEC2/latest/UserGuide/user-data.html",
        when=When.AFTER,
        stack="Producer",
        look=_producer,
        laptop="no instance boots there",
    ),
)
