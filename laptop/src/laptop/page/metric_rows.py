"""The rows of a metric widget, each converted to a line and a query for its values.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef, MetricStatTypeDef, MetricTypeDef

_SAME, _ALL_THE_SAME = ".", "..."
_WORD = re.compile(r"\w+")
Row = Sequence[str | dict[str, Any]]


class RowOptions(BaseModel):
    """The last element of a row: options for its values and its line."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)

    id: str = ""
    label: str = ""
    expression: str = ""
    stat: str = "Average"
    period: int = 300
    y_axis: Literal["left", "right"] = "left"
    color: str | None = None
    visible: bool = True


class MetricLine(RowOptions):
    """One metric or expression of a widget, with label and id, and all inherited values filled in."""

    namespace: str = ""
    metric_name: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()

    def query(self) -> MetricDataQueryTypeDef:
        """The query for GetMetricData."""
        asked: MetricDataQueryTypeDef = {"Id": self.id, "Label": self.label, "ReturnData": self.visible}
        if self.expression:
            return {**asked, "Expression": self.expression}
        metric: MetricTypeDef = {
            "Namespace": self.namespace,
            "MetricName": self.metric_name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
        }
        measured: MetricStatTypeDef = {"Metric": metric, "Period": self.period, "Stat": self.stat}
        return {**asked, "MetricStat": measured}


def metric_lines(rows: Sequence[Row], *, stat: str = "Average", period: int = 300) -> list[MetricLine]:
    """The lines of a widget.

    Args:
        rows: as in the definition, with abbreviations that refer to the row above.
        stat: default statistic.
        period: default period, in seconds.

    Raises:
        ValueError: a row is invalid.
    """
    named = [(_names(row), {"stat": stat, "period": period, **_options(row)}) for row in rows]
    ids = _ids({str(options.get("id", "")) for _, options in named})
    above: list[str] = []
    lines = []
    for names, options in named:
        if not options.get("expression"):
            names = above = _inherit(names, above)
        lines.append(_line(names, options, next(ids)))
    lines = [line if line.label else _labelled(line, lines) for line in lines]
    return [_with_period(line, lines) if line.expression else line for line in lines]


def _names(row: Row) -> list[str]:
    return [part for part in row if isinstance(part, str)]


def _options(row: Row) -> dict[str, Any]:
    return row[-1] if row and isinstance(row[-1], dict) else {}


def _ids(taken: set[str]) -> Iterator[str]:
    """Ids for lines without one; ids of the definition are not reused."""
    return (name for name in map("m{}".format, count(1)) if name not in taken)


def _inherit(names: list[str], above: list[str]) -> list[str]:
    """Expand `names`: "." repeats the element above, "..." all elements that are not given."""
    if _ALL_THE_SAME in names:
        at = names.index(_ALL_THE_SAME)
        missing = max(len(above) - len(names) + 1, 0)
        names = names[:at] + above[at : at + missing] + names[at + 1 :]
    if _SAME in names[len(above) :]:
        raise ValueError(f"row {names} repeats more elements than the row above has: {above}")
    return [above[at] if name == _SAME else name for at, name in enumerate(names)]


def _line(names: list[str], options: dict[str, Any], spare_id: str) -> MetricLine:
    options = {**options, "id": options.get("id") or spare_id}
    if options.get("expression"):
        return MetricLine.model_validate({**options, "label": options.get("label") or options["expression"]})
    if len(names) < 2 or len(names) % 2:
        raise ValueError(f"a row is a namespace, a metric and pairs of dimensions, got {names}")
    namespace, metric_name, *rest = names
    dimensions = tuple(zip(rest[::2], rest[1::2], strict=True))
    return MetricLine.model_validate(
        {**options, "namespace": namespace, "metricName": metric_name, "dimensions": dimensions}
    )


def _with_period(line: MetricLine, lines: Sequence[MetricLine]) -> MetricLine:
    """Give an expression the period of its metrics, even if its row has another."""
    words = set(_WORD.findall(line.expression))
    periods = [other.period for other in lines if other.id in words and not other.expression]
    return line.model_copy(update={"period": max(periods)}) if periods else line


def _labelled(line: MetricLine, lines: Sequence[MetricLine]) -> MetricLine:
    """Label a line without a label by its metric, and by its dimensions if that is ambiguous."""
    alike = [other for other in lines if other.metric_name == line.metric_name]
    values = [value for _, value in line.dimensions] if len(alike) > 1 else []
    return line.model_copy(update={"label": " ".join([line.metric_name, *values])})
