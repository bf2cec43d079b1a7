"""One alarm, with its description, its runbook entry and the topic of its severity."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
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
    """Time until an alarm is raised: `datapoints` of the last `periods` must breach the threshold."""

    period: cdk.Duration
    datapoints: int
    periods: int


class MissingData(Enum):
    """Meaning of a period without a value."""

    NO_TRAFFIC = cloudwatch.TreatMissingData.NOT_BREACHING
    """Nothing happened, which is no failure."""
    NOT_KNOWN = cloudwatch.TreatMissingData.IGNORE
    """The source cannot be queried, so the state is unknown and the alarm keeps its state."""
    SILENCE = cloudwatch.TreatMissingData.BREACHING
    """A missing value is itself the failure. A new alarm is raised at once, before its first value."""


@dataclass(frozen=True, kw_only=True)
class AlarmDefinition:
    """One alarm, from its metric to the text of its notification.

    Args:
        construct_id: its name in the stack, from which its entry in the runbook is derived.
        group: the construct that holds it, if any.
        subject: the kind of event, or the function, that it is about.
        severity: its urgency.
        metric: the metric it watches; the period is the evaluation's.
        comparison: the alarm is raised when the metric compares in this way with …
        threshold: … this value.
        evaluation: for how long.
        missing_data: the meaning of a period without a value.
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
        """The entry in the runbook: `end-to-end-freshness` for `EndToEndFreshness`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.construct_id).lower()


@dataclass(frozen=True, kw_only=True)
class Alerting:
    """Settings shared by all alarms of a deployment: prefix of their names, topics, URL of the runbook.

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
        """The text of a notification: its meaning, and the link to the runbook."""
        return f"{meaning} Runbook: {self.runbook}#{entry}"


class PipelineAlarm(Construct):
    """An alarm called `<prefix>-<subject>-<entry>`.

    Args:
        scope: the parent.
        alerting: the settings shared by all alarms of the deployment.
        definition: the alarm's definition.
        notify: whether it notifies the topic of its severity.
    """

    def __init__(
        self, scope: Construct, *, alerting: Alerting, definition: AlarmDefinition, notify: bool
    ) -> None:
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
        if notify:
            alerting.notify(self._alarm, definition.severity)

    @property
    def alarm(self) -> cloudwatch.IAlarm:
        """The alarm, for a dashboard or a rule over alarms."""
        return self._alarm


def add_alarms(
    scope: Construct,
    alerting: Alerting,
    definitions: Iterable[AlarmDefinition],
    *,
    notify: Collection[Severity] = frozenset(Severity),
) -> list[PipelineAlarm]:
    """Create an alarm from each definition, in the construct of its group.

    Args:
        scope: the parent of the groups.
        alerting: the settings shared by all alarms of the deployment.
        definitions: the alarms to create.
        notify: the severities whose alarms notify their topic.
    """
    groups: dict[str, Construct] = {}
    alarms = []
    for definition in definitions:
        parent = scope
        if group := definition.group:
            parent = groups[group] = groups.get(group) or Construct(scope, group)
        told = definition.severity in notify
        alarms.append(PipelineAlarm(parent, alerting=alerting, definition=definition, notify=told))
    return alarms
