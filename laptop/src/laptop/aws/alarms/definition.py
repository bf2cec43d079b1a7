"""The metrics and the rule of an alarm, read from MiniStack's record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from laptop.aws.alarms.judgement import Comparison, Missing, Rule
from laptop.aws.metrics.queries import MetricSource, Queries, Samples
from laptop.aws.metrics.statistics import Series
from laptop.aws.metrics.windows import Windows

_SINGLE = "metric"
_Choice = TypeVar("_Choice", Comparison, Missing)


@dataclass(frozen=True)
class Definition:
    """One metric alarm: its rule, and the id of the query that the rule applies to."""

    rule: Rule
    queries: Queries
    watched: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Definition:
        """Read an alarm's record.

        Raises:
            ValueError: it uses something that cannot be evaluated here.
        """
        queries = Queries.of(record["Metrics"]) if record.get("Metrics") else _single_metric(record)
        if len(queries.returned) != 1:
            raise ValueError(f"an alarm watches one query that returns data, got {list(queries.returned)}")
        (watched,) = queries.returned
        queries.period(watched)
        return cls(_rule(record), queries, watched)

    def windows(self, now: float) -> Windows:
        """The evaluation range at `now`."""
        return Windows.complete(
            now=now, period=self.queries.period(self.watched), count=self.rule.evaluation_range
        )

    def datapoints(self, windows: Windows, samples: Samples) -> Series:
        """The values this alarm evaluates."""
        return self.queries.series(self.watched, windows, samples)


def _single_metric(record: Mapping[str, Any]) -> Queries:
    source = MetricSource.of(
        record,
        period=record.get("Period") or 60,
        statistic=record.get("ExtendedStatistic") or record.get("Statistic") or "Average",
        unit=record.get("Unit"),
    )
    return Queries({_SINGLE: source}, {}, (_SINGLE,))


def _rule(record: Mapping[str, Any]) -> Rule:
    periods = int(record.get("EvaluationPeriods") or 1)
    datapoints = int(record.get("DatapointsToAlarm") or periods)
    if datapoints > periods:
        raise ValueError(f"DatapointsToAlarm must be at most EvaluationPeriods ({periods}), got {datapoints}")
    return Rule(
        comparison=_member(Comparison, record.get("ComparisonOperator"), "ComparisonOperator"),
        threshold=float(record["Threshold"]),
        evaluation_periods=periods,
        datapoints_to_alarm=datapoints,
        missing=_member(Missing, record.get("TreatMissingData") or Missing.MISSING, "TreatMissingData"),
    )


def _member(kind: type[_Choice], value: object, name: str) -> _Choice:
    try:
        return kind(str(value))
    except ValueError:
        raise ValueError(f"{name} must be one of {', '.join(kind)}, got {value!r}") from None
