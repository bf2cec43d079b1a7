"""One alarm: named, described, linked to its runbook entry, and sent to the people of its severity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from clickstream.metric_source import MetricSource
from clickstream.watch.alarm_topics import Severity

RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How long something must be wrong: so many `datapoints` of the last `periods`, each over one `period`."""

    period: cdk.Duration
    datapoints: int
    periods: int


class MissingData(Enum):
    """What a period without a value means."""

    NO_TRAFFIC = cloudwatch.TreatMissingData.NOT_BREACHING
    """Nothing happened, which is no failure."""
    NOT_KNOWN = cloudwatch.TreatMissingData.IGNORE
    """The source cannot be asked: nothing is known to be wrong, and nothing to be right, so the state is kept."""
    SILENCE = cloudwatch.TreatMissingData.BREACHING
    """Silence is the failure: whatever its reason, nobody knows that events arrive."""


@dataclass(frozen=True, kw_only=True)
class AlarmDefinition:
    """One alarm, from its metric to the sentence that people read.

    Args:
        construct_id: its name in the stack, from which its entry in the runbook follows.
        group: the construct that holds it, where there is one.
        subject: the kind of event, or the function, that it is about.
        severity: what it asks of people.
        metric: what it watches; the period is the evaluation's.
        comparison: how the metric must compare with …
        threshold: … this to be wrong.
        evaluation: for how long.
        missing_data: what a period without a value means.
        meaning: a sentence for the person who is notified.
    """

    construct_id: str
    group: str | None = None
    subject: str
    severity: Severity
    metric: MetricSource
    comparison: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
    threshold: float
    evaluation: Evaluation
    missing_data: MissingData
    meaning: str

    @property
    def entry(self) -> str:
        """The runbook's entry: `EndToEndFreshness` has `end-to-end-freshness`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.construct_id).lower()


@dataclass(frozen=True, kw_only=True)
class Alerting:
    """What the alarms of a deployment have in common: how their names begin, who is notified, where the runbook is.

    CloudWatch must be allowed to publish to the topics; those of `AlarmTopics` allow it.
    """

    prefix: str
    topics: Mapping[Severity, sns.ITopic]
    runbook: str = RUNBOOK

    @cached_property
    def _actions(self) -> dict[Severity, actions.SnsAction]:
        return {severity: actions.SnsAction(topic) for severity, topic in self.topics.items()}

    def notify(self, alarm: cloudwatch.AlarmBase, severity: Severity) -> None:
        """Notify when the alarm is raised, and when it is cleared."""
        alarm.add_alarm_action(self._actions[severity])
        alarm.add_ok_action(self._actions[severity])

    def describe(self, meaning: str, entry: str) -> str:
        """The text of a notification: what it means, and the page that says what to do."""
        return f"{meaning} Runbook: {self.runbook}#{entry}"


class PipelineAlarm(Construct):
    """An alarm called `<prefix>-<subject>-<entry>`.

    Args:
        scope: the parent.
        alerting: what it has in common with the others.
        definition: what it watches, and from when on it is raised.
    """

    def __init__(self, scope: Construct, *, alerting: Alerting, definition: AlarmDefinition) -> None:
        super().__init__(scope, definition.construct_id)
        self.definition = definition
        evaluation = definition.evaluation
        self._alarm = cloudwatch.Alarm(
            self,
            "Resource",
            alarm_name=f"{alerting.prefix}-{definition.subject}-{definition.entry}",
            alarm_description=alerting.describe(definition.meaning, definition.entry),
            metric=definition.metric(period=evaluation.period),
            comparison_operator=definition.comparison,
            threshold=definition.threshold,
            datapoints_to_alarm=evaluation.datapoints,
            evaluation_periods=evaluation.periods,
            treat_missing_data=definition.missing_data.value,
        )
        alerting.notify(self._alarm, definition.severity)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard or a rule over alarms."""
        return self._alarm


def add_alarms(
    scope: Construct, alerting: Alerting, definitions: Iterable[AlarmDefinition]
) -> list[PipelineAlarm]:
    """Make an alarm of each definition, in the construct of its group.

    Args:
        scope: the parent of the groups.
        alerting: what all alarms of the deployment have in common.
        definitions: what to watch.
    """
    groups: dict[str, Construct] = {}
    alarms = []
    for definition in definitions:
        parent = scope
        if group := definition.group:
            parent = groups[group] = groups.get(group) or Construct(scope, group)
        alarms.append(PipelineAlarm(parent, alerting=alerting, definition=definition))
    return alarms
