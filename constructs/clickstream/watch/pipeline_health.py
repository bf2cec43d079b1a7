"""The composite alarm of all critical alarms."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, PipelineAlarm


class PipelineHealth(Construct):
    """The alarm that is on while any critical alarm is: one state to show, to wait for, or to block a release with.

    It notifies the recipients of warnings, as a summary. The critical alarms themselves page people.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: the settings shared by all alarms of the deployment.
        alarms: all alarms of the pipeline.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
    """

    ENTRY = "pipeline-unhealthy"

    def __init__(
        self, scope: Construct, construct_id: str, *, alerting: Alerting, alarms: Sequence[PipelineAlarm]
    ) -> None:
        super().__init__(scope, construct_id)
        critical = [alarm.alarm for alarm in alarms if alarm.definition.severity is Severity.CRITICAL]
        self._alarm = cloudwatch.CompositeAlarm(
            self,
            "Resource",
            composite_alarm_name=f"{alerting.prefix}-{self.ENTRY}",
            alarm_description=alerting.describe(
                "At least one critical alarm of the pipeline is on.", self.ENTRY
            ),
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in critical)
            ),
        )
        alerting.notify(self._alarm, Severity.WARNING)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard."""
        return self._alarm
