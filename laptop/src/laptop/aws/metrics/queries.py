"""Metrics and expressions of an alarm or a graph, which refer to each other by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from laptop.aws.metrics.expression import Expression
from laptop.aws.metrics.statistics import Sample, Series, check_statistic, datapoints
from laptop.aws.metrics.windows import Windows

_HIGH_RESOLUTION = (1, 5, 10, 20, 30)


@dataclass(frozen=True)
class MetricSource:
    """One metric with its exact dimensions, statistic and period."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    period: int
    unit: str | None = None

    @classmethod
    def of(
        cls, metric: Mapping[str, Any], *, period: object, statistic: str, unit: str | None
    ) -> MetricSource:
        """Parse a metric of the API or a template.

        Raises:
            ValueError: statistic or period is invalid.
        """
        seconds = int(str(period))
        if seconds not in _HIGH_RESOLUTION and (seconds < 60 or seconds % 60):
            raise ValueError(f"period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds, got {seconds}")
        dimensions = ((d["Name"], str(d["Value"])) for d in metric.get("Dimensions") or [])
        return cls(
            namespace=metric["Namespace"],
            name=metric["MetricName"],
            dimensions=tuple(sorted(dimensions)),
            statistic=check_statistic(statistic),
            period=seconds,
            unit=unit or None,
        )


Samples = Callable[[MetricSource, Windows], Iterable[Sample]]
"""The samples of a metric in a time window."""


@dataclass(frozen=True)
class Queries:
    """Metrics and expressions by id."""

    metrics: Mapping[str, MetricSource]
    expressions: Mapping[str, Expression]
    returned: tuple[str, ...]

    @classmethod
    def of(cls, queries: Sequence[Mapping[str, Any]]) -> Queries:
        """Parse MetricDataQueries.

        Raises:
            ValueError: one cannot be parsed, or refers to a missing id.
        """
        metrics: dict[str, MetricSource] = {}
        expressions: dict[str, Expression] = {}
        for query in queries:
            if query.get("Expression"):
                expressions[query["Id"]] = Expression(query["Expression"])
            else:
                stat = query["MetricStat"]
                metrics[query["Id"]] = MetricSource.of(
                    stat["Metric"], period=stat["Period"], statistic=stat["Stat"], unit=stat.get("Unit")
                )
        returned = tuple(query["Id"] for query in queries if query.get("ReturnData", True))
        read = cls(metrics, expressions, returned)
        read._check()
        return read

    def period(self, wanted: str) -> int:
        """The period of an id's datapoints.

        Raises:
            ValueError: an expression mixes periods.
        """
        periods = {self.metrics[name].period for name in self._below(wanted)}
        if len(periods) != 1:
            raise ValueError(f"the metrics of {wanted!r} must have one period, got {sorted(periods)}")
        return periods.pop()

    def series(self, wanted: str, windows: Windows, samples: Samples) -> Series:
        """An id's values over `windows`."""
        known = {
            name: datapoints(samples(source, windows), windows, source.statistic)
            for name in self._below(wanted)
            if (source := self.metrics[name])
        }
        return self._evaluated(wanted, known, windows)

    def _evaluated(self, wanted: str, known: dict[str, Series], windows: Windows) -> Series:
        if wanted not in known:
            expression = self.expressions[wanted]
            for name in expression.names:
                self._evaluated(name, known, windows)
            known[wanted] = expression(known)
        return known[wanted]

    def _below(self, wanted: str, path: tuple[str, ...] = ()) -> set[str]:
        """The metrics that an id needs."""
        if wanted in self.metrics:
            return {wanted}
        if wanted not in self.expressions or wanted in path:
            why = "refers to itself" if wanted in path else "is neither a metric nor an expression"
            raise ValueError(f"id {wanted!r} {why}")
        names = self.expressions[wanted].names
        return {metric for name in names for metric in self._below(name, (*path, wanted))}

    def _check(self) -> None:
        for wanted in self.expressions:
            # Whether an expression gives one series does not depend on the values in it.
            windows = Windows(end=0, period=self.period(wanted), count=1)
            self.series(wanted, windows, lambda source, windows: ())
