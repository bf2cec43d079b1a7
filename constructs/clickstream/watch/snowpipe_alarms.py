"""Says when files of the lake stop becoming rows."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.watch.snowpipe_metrics import SnowpipeMetrics


class SnowpipeAlarms(Construct):
    """The pipe is stopped, slow, or refuses what it is given; and the whole way, seen from its end.

    While the monitor cannot ask Snowflake, the alarms on a pipe's state keep the state they have: nothing is known
    to be wrong, and nothing to be well. End-to-end freshness goes off then, which is what it is for.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        events: the kind of event.
        metrics: of its pipe.
        evaluation: for how long a pipe's state must be wrong; the period is that of the metric.
        pending_file_age: a file that waits longer than this is wrong.
        freshness: the newest canary that became a row being older than this is wrong.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        metrics: SnowpipeMetrics,
        evaluation: Evaluation,
        pending_file_age: cdk.Duration,
        freshness: cdk.Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        status = Evaluation(
            period=metrics.status_period, datapoints=evaluation.datapoints, periods=evaluation.periods
        )
        # A window is published when it is over or later, so the alarm looks back at three of them.
        any_of_three = Evaluation(period=metrics.window, datapoints=1, periods=3)
        self.pipe_not_running = PipelineAlarm(
            self,
            "PipeNotRunning",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=metrics.pipe_running(),
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=1,
            evaluation=status,
            missing_data=cloudwatch.TreatMissingData.IGNORE,
            meaning=f"The pipe of {events} is not running, so their files wait in the lake.",
        )
        self.pending_file_age = PipelineAlarm(
            self,
            "PendingFileAge",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=metrics.pending_file_age(),
            threshold=pending_file_age.to_seconds(),
            evaluation=status,
            missing_data=cloudwatch.TreatMissingData.IGNORE,
            meaning=f"A file of {events} has waited for its pipe for more than {pending_file_age.to_seconds():g} s.",
        )
        self.freshness = PipelineAlarm(
            self,
            "EndToEndFreshness",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=metrics.end_to_end_freshness(),
            threshold=freshness.to_seconds(),
            evaluation=Evaluation(period=metrics.window, datapoints=2, periods=3),
            # Neither a canary nor word of one: whatever the reason, nobody knows that events arrive.
            missing_data=cloudwatch.TreatMissingData.BREACHING,
            meaning=f"No canary of the last {freshness.to_seconds():g} s is a row: "
            f"{events} are late, or nobody can see them.",
        )
        self.files_failed = PipelineAlarm(
            self,
            "FilesFailed",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=metrics.files_failed(),
            threshold=0,
            evaluation=any_of_three,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Snowpipe loaded nothing of a file of {events}, and will not try it again.",
        )
        self.rows_rejected = PipelineAlarm(
            self,
            "RowsRejected",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=metrics.rows_rejected(),
            threshold=0,
            evaluation=any_of_three,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Snowpipe refused lines of a file of {events}; the others are rows.",
        )

    @property
    def alarms(self) -> tuple[PipelineAlarm, ...]:
        """All of them."""
        return (
            self.pipe_not_running,
            self.pending_file_age,
            self.freshness,
            self.files_failed,
            self.rows_rejected,
        )
