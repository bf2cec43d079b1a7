"""The parts of a dashboard's definition that the page draws.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from laptop.page.markdown import render_text
from laptop.page.metric_rows import MetricLine, metric_lines


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Place(_Part):
    """A widget's place on the grid of 24 columns; without one it follows the previous widget."""

    x: int | None = Field(default=None, ge=0, le=23)
    y: int | None = Field(default=None, ge=0)
    width: int = Field(default=6, ge=1, le=24)
    height: int = Field(default=6, ge=1, le=1000)


class Axis(_Part):
    """One side of a chart."""

    label: str | None = None
    min: float | None = None
    max: float | None = None


class Threshold(_Part):
    """A horizontal line in a chart: a service level, or an alarm's threshold."""

    value: float
    label: str = ""
    color: str | None = None
    y_axis: Literal["left", "right"] = "left"


class Chart(_Part):
    """The content of a metric widget."""

    view: str = "timeSeries"
    stacked: bool = False
    axes: dict[str, Axis] = {}
    thresholds: tuple[Threshold, ...] = ()
    lines: tuple[MetricLine, ...] = ()


class Widget(_Part):
    """One widget: a chart, alarms by ARN, text, or a note with the reason why it is not drawn."""

    type: str
    place: Place
    title: str = ""
    chart: Chart | None = None
    alarms: tuple[str, ...] = ()
    html: str = ""
    note: str = ""


class Dashboard(_Part):
    """A deployed dashboard."""

    name: str
    widgets: tuple[Widget, ...]


def parse_dashboard(name: str, body: str) -> Dashboard:
    """Parse a dashboard's body; an invalid widget becomes a note and the others are drawn."""
    return Dashboard(name=name, widgets=tuple(map(_widget, json.loads(body).get("widgets", []))))


def _widget(source: dict[str, Any]) -> Widget:
    kind, properties = str(source.get("type")), source.get("properties", {})
    title = str(properties.get("title", ""))
    try:
        place = Place.model_validate({name: source[name] for name in Place.model_fields if name in source})
    except ValidationError as error:
        return Widget(type=kind, place=Place(), title=title, note=_unreadable(error))
    try:
        return Widget(type=kind, place=place, title=title, **_content(kind, properties))
    except ValueError as error:
        return Widget(type=kind, place=place, title=title, note=_unreadable(error))


def _content(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "metric":
            return {"chart": _chart(properties)}
        case "alarm":
            return {"alarms": tuple(properties.get("alarms", ()))}
        case "text":
            return {"html": render_text(str(properties.get("markdown", "")))}
        case _:
            return {"note": f"A widget of type {kind} is drawn by the AWS console only."}


def _chart(properties: dict[str, Any]) -> Chart:
    lines = metric_lines(
        properties.get("metrics", []),
        stat=properties.get("stat", "Average"),
        period=properties.get("period", 300),
    )
    return Chart(
        view=properties.get("view", "timeSeries"),
        stacked=properties.get("stacked", False),
        axes={side: Axis.model_validate(axis) for side, axis in properties.get("yAxis", {}).items()},
        thresholds=tuple(Threshold.model_validate(line) for line in _flat(properties.get("annotations", {}))),
        lines=tuple(lines),
    )


def _flat(annotations: dict[str, Any]) -> list[dict[str, Any]]:
    """The horizontal annotations; a band, given as a pair, becomes two lines."""
    found: list[dict[str, Any]] = []
    for line in annotations.get("horizontal", []):
        found += line if isinstance(line, list) else [line]
    return found


def _unreadable(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        problems = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        return "This widget cannot be read: " + "; ".join(problems)
    return f"This widget cannot be read: {error}"
