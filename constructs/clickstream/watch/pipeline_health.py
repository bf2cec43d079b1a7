"""One alarm over all critical ones."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, PipelineAlarm


class PipelineHealth(Construct):
    """The alarm that is raised while any critical one is: one state to show, wait for, or hold a release back with.

    It goes to those who are notified of warnings, as a summary. The critical alarms wake people by themselves.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
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
