"""Graphs in the style of this dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.metric_source import MetricSource

GRID = 24
_HEIGHT = 6
Row = tuple[cloudwatch.IWidget, ...]
Series = Mapping[str, MetricSource]
Lines = Sequence[cloudwatch.HorizontalAnnotation]


def graph(
    title: str,
    left: Series,
    *,
    width: int,
    right: Series | None = None,
    left_axis: str = "",
    right_axis: str = "",
    left_lines: Lines = (),
    right_lines: Lines = (),
    left_max: float | None = None,
    since: str | None = None,
) -> cloudwatch.GraphWidget:
    """A graph of metrics by their label, on one axis or two, with the thresholds of their alarms drawn in.

    `since` (such as `-P14D`) is for metrics published too rarely for the page's time range.
    """
    return cloudwatch.GraphWidget(
        title=title,
        start=since,
        end="P0D" if since else None,
        width=width,
        height=_HEIGHT,
        left=_labelled(left),
        left_y_axis=cloudwatch.YAxisProps(min=0, max=left_max, label=left_axis or None, show_units=False),
        left_annotations=list(left_lines),
        right=_labelled(right or {}),
        right_y_axis=cloudwatch.YAxisProps(min=0, label=right_axis or None, show_units=False),
        right_annotations=list(right_lines),
    )


def _labelled(series: Series) -> list[cloudwatch.IMetric]:
    return [metric(label=label) for label, metric in series.items()]
