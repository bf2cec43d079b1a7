"""Says when files of the lake stop becoming rows."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.ops.alarm_topics import Severity
from clickstream.ops.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.ops.snowpipe_metrics import SnowpipeMetrics

_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD


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
        self._alerting, self._events = alerting, events
        status = Evaluation(
            period=metrics.status_period, datapoints=evaluation.datapoints, periods=evaluation.periods
        )
        # A window is published when it is over or later, so the alarm looks back at three of them.
        any_of_three = Evaluation(period=metrics.window, datapoints=1, periods=3)
        self.pipe_not_running = self._alarm(
            "PipeNotRunning",
            Severity.CRITICAL,
            metrics.pipe_running(),
            1,
            status,
            cloudwatch.TreatMissingData.IGNORE,
            f"The pipe of {events} is not running, so their files wait in the lake.",
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        )
        self.pending_file_age = self._alarm(
            "PendingFileAge",
            Severity.CRITICAL,
            metrics.pending_file_age(),
            pending_file_age.to_seconds(),
            status,
            cloudwatch.TreatMissingData.IGNORE,
            f"A file of {events} has waited for its pipe for more than {pending_file_age.to_seconds():g} s.",
        )
        self.freshness = self._alarm(
            "EndToEndFreshness",
            Severity.CRITICAL,
            metrics.end_to_end_freshness(),
            freshness.to_seconds(),
            Evaluation(period=metrics.window, datapoints=2, periods=3),
            # Neither a canary nor word of one: whatever the reason, nobody knows that events arrive.
            cloudwatch.TreatMissingData.BREACHING,
            f"No canary of the last {freshness.to_seconds():g} s is a row: {events} are late, or nobody can see them.",
        )
        self.files_failed = self._alarm(
            "FilesFailed",
            Severity.WARNING,
            metrics.files_failed(),
            0,
            any_of_three,
            cloudwatch.TreatMissingData.NOT_BREACHING,
            f"Snowpipe loaded nothing of a file of {events}, and will not try it again.",
        )
        self.rows_rejected = self._alarm(
            "RowsRejected",
            Severity.WARNING,
            metrics.rows_rejected(),
            0,
            any_of_three,
            cloudwatch.TreatMissingData.NOT_BREACHING,
            f"Snowpipe refused lines of a file of {events}; the others are rows.",
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

    def _alarm(
        self,
        construct_id: str,
        severity: Severity,
        metric: cloudwatch.Metric,
        threshold: float,
        evaluation: Evaluation,
        missing_data: cloudwatch.TreatMissingData,
        meaning: str,
        comparison: cloudwatch.ComparisonOperator = _ABOVE,
    ) -> PipelineAlarm:
        return PipelineAlarm(
            self,
            construct_id,
            alerting=self._alerting,
            subject=self._events,
            severity=severity,
            metric=metric,
            comparison=comparison,
            threshold=threshold,
            evaluation=evaluation,
            missing_data=missing_data,
            meaning=meaning,
        )
