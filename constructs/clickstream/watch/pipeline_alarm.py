"""One alarm, with everything that makes it worth its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import AlarmTopics, Severity

RUNBOOK = "docs/runbook.md"
_COLOURS = {Severity.CRITICAL: cloudwatch.Color.RED, Severity.WARNING: cloudwatch.Color.ORANGE}


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How long something must be wrong: so many `datapoints` of the last `periods`, each over one `period`."""

    period: cdk.Duration
    datapoints: int
    periods: int


@dataclass(frozen=True, kw_only=True)
class Alerting:
    """What the alarms of a deployment have in common: how their names begin, who is told, where the runbook is."""

    prefix: str
    topics: AlarmTopics
    runbook: str = RUNBOOK

    def describe(self, meaning: str, entry: str) -> str:
        """What a notification says: what it means, and the page that says what to do."""
        return f"{meaning} Runbook: {self.runbook}#{entry}"


class PipelineAlarm(Construct):
    """An alarm that is named, described, linked to its runbook entry and sent to the topic of its severity.

    Its name is `<prefix>-<subject>-<entry>`, where the runbook's entry follows from `construct_id`: `NoData` has
    the entry `no-data`.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        subject: the kind of event, or the function, that it is about.
        severity: what it asks of people.
        metric: what it watches; the period is the evaluation's.
        comparison: how the metric must compare with …
        threshold: … this to be wrong.
        evaluation: for how long.
        missing_data: what a period without a value means.
        meaning: a sentence for the person who is told.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        subject: str,
        severity: Severity,
        metric: cloudwatch.Metric | cloudwatch.MathExpression,
        comparison: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        threshold: float,
        evaluation: Evaluation,
        missing_data: cloudwatch.TreatMissingData,
        meaning: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.entry = entry_of(construct_id)
        self.severity = severity
        self._threshold = threshold
        self._alarm = cloudwatch.Alarm(
            self,
            "Resource",
            alarm_name=f"{alerting.prefix}-{subject}-{self.entry}",
            alarm_description=alerting.describe(meaning, self.entry),
            metric=metric.with_(period=evaluation.period),
            comparison_operator=comparison,
            threshold=threshold,
            datapoints_to_alarm=evaluation.datapoints,
            evaluation_periods=evaluation.periods,
            treat_missing_data=missing_data,
        )
        alerting.topics.notify_of(self._alarm, severity)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard or a rule over alarms."""
        return self._alarm

    @property
    def line(self) -> cloudwatch.HorizontalAnnotation:
        """Its threshold, to draw into a graph of its metric."""
        return cloudwatch.HorizontalAnnotation(
            value=self._threshold, label=self.entry, color=_COLOURS[self.severity]
        )


def entry_of(construct_id: str) -> str:
    """The runbook's entry for an alarm: `EndToEndFreshness` has `end-to-end-freshness`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", construct_id).lower()
