"""Topics for alarms, one for each severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

NEWS = {"$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]}
"""The messages that subscribers get: an alarm is raised, or is over. That a new alarm is OK is no news.

https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
"""


class Severity(Enum):
    """Urgency of an alarm."""

    CRITICAL = "critical"
    """Events are late or lost now: page the person on call."""
    WARNING = "warning"
    """Something is wrong that can wait until working hours."""


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Subscribers: e-mail addresses, each of which has to confirm once, and the https URL of a pager.

    The pager must confirm by itself, which chats do not. Its URL may be a dynamic reference,
    `{{resolve:secretsmanager:…}}`, which only CloudFormation resolves.
    """

    emails: tuple[str, ...] = ()
    https_endpoint: str | None = None


class AlarmTopics(Construct):
    """An encrypted topic for each severity, which alarms may publish to and people subscribe to.

    Args:
        scope: the parent.
        construct_id: its name there.
        recipients: the subscribers for each severity.
        encryption_key: encrypts the topics; its policy must let CloudWatch use it. By default a key is created.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        recipients: Mapping[Severity, Recipients] | None = None,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # AWS's own key for SNS does not let CloudWatch publish, so the topics have a customer key.
        key = encryption_key or kms.Key(
            self,
            "Key",
            description="Alarm notifications",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        key.grant_encrypt_decrypt(_cloudwatch_alarms(self))
        told = recipients or {}
        self.topics: Mapping[Severity, sns.ITopic] = {
            severity: self._build_topic(severity, key, told.get(severity, Recipients()))
            for severity in Severity
        }

    def _build_topic(self, severity: Severity, key: kms.IKey, recipients: Recipients) -> sns.Topic:
        topic = sns.Topic(self, severity.value.title(), master_key=key, enforce_ssl=True)
        topic.grant_publish(_cloudwatch_alarms(self))
        for email in recipients.emails:
            _subscribe(topic, email, sns.SubscriptionProtocol.EMAIL, email)
        if recipients.https_endpoint:
            _subscribe(topic, "Https", sns.SubscriptionProtocol.HTTPS, recipients.https_endpoint)
        return topic


def _subscribe(
    topic: sns.Topic, construct_id: str, protocol: sns.SubscriptionProtocol, endpoint: str
) -> None:
    subscription = sns.Subscription(
        topic, construct_id, topic=topic, protocol=protocol, endpoint=endpoint
    ).node.default_child
    if not isinstance(subscription, sns.CfnSubscription):
        raise TypeError(f"a subscription is a {type(subscription).__name__}")
    # The library's class for filters has no OR.
    subscription.filter_policy = NEWS
    subscription.filter_policy_scope = "MessageBody"


def _cloudwatch_alarms(scope: Construct) -> iam.IPrincipal:
    """CloudWatch, on behalf of this account's alarms only."""
    return iam.ServicePrincipal(
        "cloudwatch.amazonaws.com",
        conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}},
    )
