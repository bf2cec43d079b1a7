"""Says when events stop reaching the lake."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from clickstream.delivery_metrics import DeliveryMetrics


class AlarmTopic(Construct):
    """An encrypted topic that alarms may publish to and people subscribe to by e-mail.

    Args:
        scope: the parent.
        construct_id: its name there.
        emails: who is told; each address has to confirm once.
    """

    def __init__(self, scope: Construct, construct_id: str, *, emails: Sequence[str] = ()) -> None:
        super().__init__(scope, construct_id)
        # AWS's own key for SNS does not let CloudWatch publish, so the topic has a key of its own.
        key = kms.Key(
            self,
            "Key",
            description="Alarm notifications",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        key.grant_encrypt_decrypt(_cloudwatch_alarms(self))
        self._topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        self._topic.grant_publish(_cloudwatch_alarms(self))
        for email in emails:
            self._topic.add_subscription(subscriptions.EmailSubscription(email))

    @property
    def topic(self) -> sns.ITopic:
        """The topic, for more subscriptions."""
        return self._topic

    def notify_of(self, alarm: cloudwatch.Alarm) -> None:
        """Send word when the alarm goes off, and when all is well again."""
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        alarm.add_ok_action(actions.SnsAction(self._topic))


class DeliverySuccessAlarm(Construct):
    """Goes off when Firehose's writes to the lake fail.

    Args:
        scope: the parent.
        construct_id: its name there.
        metrics: of the delivery stream to watch.
        topic: who is told.
        success_percent: fewer successful writes than this breach.
        period: of one datapoint.
        datapoints_to_alarm: so many breaching datapoints …
        evaluation_periods: … among the last so many make an alarm.

    https://docs.aws.amazon.com/firehose/latest/dev/firehose-cloudwatch-metrics-best-practices.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        metrics: DeliveryMetrics,
        topic: AlarmTopic,
        success_percent: float = 99,
        period: cdk.Duration | None = None,
        datapoints_to_alarm: int = 3,
        evaluation_periods: int = 5,
    ) -> None:
        super().__init__(scope, construct_id)
        self._alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_description=(
                f"Fewer than {success_percent:g} % of Firehose's writes to the event lake succeed. Events are kept "
                "and retried for 24 hours (Direct PUT) or the stream's retention (Kinesis). First look: the delivery "
                "stream's error log, its role, the bucket's policy and key."
            ),
            metric=metrics.success(period=period or cdk.Duration.minutes(5), label=None),
            # The metric is a ratio: 1 is all of them.
            threshold=success_percent / 100,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            datapoints_to_alarm=datapoints_to_alarm,
            evaluation_periods=evaluation_periods,
            # No write in a period means no events, which is not a failure to deliver them.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        topic.notify_of(self._alarm)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard."""
        return self._alarm


def _cloudwatch_alarms(scope: Construct) -> iam.IPrincipal:
    """CloudWatch, on behalf of this account's alarms only."""
    return iam.ServicePrincipal(
        "cloudwatch.amazonaws.com",
        conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}},
    )
