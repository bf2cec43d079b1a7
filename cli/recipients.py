"""Recipients of alarms who have not confirmed their subscription, and so get no message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from cli.output import CommandError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from cli.deployment import Deployment

_PENDING = "PendingConfirmation"


class Recipient(TypedDict):
    """A recipient of the config or of a topic; the path of an https address may be a secret, and is left out."""

    severity: str
    protocol: str
    endpoint: str


def unconfirmed(deployment: Deployment) -> list[Recipient]:
    """Pending subscriptions of both topics, and recipients of the config that have none.

    AWS deletes subscriptions that were not confirmed within 48 hours.
    https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html

    Raises:
        CommandError: the topics or their subscriptions cannot be queried.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    found: list[Recipient] = []
    outputs = deployment.outputs("Ops") or {}
    try:
        for severity in ("critical", "warning"):
            if topic := outputs.get(f"{severity.title()}TopicArn"):
                found += _unconfirmed_of(deployment, severity, topic)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"cannot query the subscriptions of alarms: {error}") from None
    return found


def _unconfirmed_of(deployment: Deployment, severity: str, topic: str) -> Iterator[Recipient]:
    there = list(_subscriptions(deployment.client("sns"), topic))
    for protocol, endpoint, confirmed in there:
        if not confirmed:
            yield {"severity": severity, "protocol": protocol, "endpoint": _shown(endpoint)}
    ops = deployment.config.ops
    wanted = ops.critical if severity == "critical" else ops.warning
    subscribed = {endpoint for _, endpoint, _ in there}
    for email in wanted.emails:
        if email not in subscribed:
            yield {"severity": severity, "protocol": "email", "endpoint": email}
    if wanted.https_endpoint and "https" not in {protocol for protocol, _, _ in there}:
        yield {"severity": severity, "protocol": "https", "endpoint": _shown(wanted.https_endpoint)}


def _subscriptions(sns: SNSClient, topic: str) -> Iterator[tuple[str, str, bool]]:
    """Protocol, endpoint, and whether it is confirmed."""
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
        for each in page["Subscriptions"]:
            yield each["Protocol"], each["Endpoint"], each["SubscriptionArn"] != _PENDING


def _shown(endpoint: str) -> str:
    from config.sections.pager import host_of

    return f"https://{host_of(endpoint)}/…" if endpoint.startswith("https://") else endpoint
