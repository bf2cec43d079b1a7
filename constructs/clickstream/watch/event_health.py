"""The alarm that pages for a kind of event."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, PipelineAlarm


class EventHealth(Construct):
    """The alarm `<prefix>-<events>-unhealthy`, which is on while any critical alarm of a kind of event is.

    A fault sets off several of those, one after the other. Only this alarm pages, once; its reason names the first.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: the settings shared by all alarms of the deployment.
        events: the kind of event.
        alarms: all alarms of that kind.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
    """

    ENTRY = "unhealthy"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        alarms: Sequence[PipelineAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        critical = [alarm.alarm for alarm in alarms if alarm.definition.severity is Severity.CRITICAL]
        self._alarm = cloudwatch.CompositeAlarm(
            self,
            "Resource",
            composite_alarm_name=f"{alerting.prefix}-{events}-{self.ENTRY}",
            alarm_description=alerting.describe(
                f"At least one critical alarm of {events} is on: the reason names it.", self.ENTRY
            ),
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in critical)
            ),
        )
        alerting.notify(self._alarm, Severity.CRITICAL)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard, or to block a release with."""
        return self._alarm
