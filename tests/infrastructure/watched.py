"""Alarms and dashboard, read from a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Widget = dict[str, Any]
TOGETHER = "together"
"""Has no actions: an alarm over it pages."""


@dataclass(frozen=True)
class Alarm:
    """An alarm with its logical id."""

    logical_id: str
    properties: dict[str, Any]

    @property
    def name(self) -> str:
        """Its physical name."""
        return str(self.properties["AlarmName"])

    @property
    def entry(self) -> str:
        """The runbook entry that its description names."""
        return str(self.properties["AlarmDescription"]).rsplit("#", 1)[-1]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics it reads: one, or those of its expression."""
        queries = self.properties.get("Metrics")
        if queries is None:
            return [self.properties]
        return [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]

    @property
    def periods(self) -> set[int]:
        """The lengths of its datapoints; there should be one."""
        queries = self.properties.get("Metrics")
        if queries is None:
            return {self.properties["Period"]}
        return {query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}


def alarms(pipeline: Pipeline) -> list[Alarm]:
    """Every alarm on metrics."""
    found = pipeline.resources("Ops", "AWS::CloudWatch::Alarm").items()
    return [Alarm(logical_id, resource["Properties"]) for logical_id, resource in found]


def alarm(pipeline: Pipeline, name: str) -> dict[str, Any]:
    """The properties of the alarm whose name ends with `name`."""
    (found,) = (each.properties for each in alarms(pipeline) if each.name.endswith(name))
    return found


def topic_of(pipeline: Pipeline, actions: list[dict[str, str]] | None) -> str:
    """The severity of the topic that an alarm's actions name; without actions, it pages together with others."""
    if actions is None:
        return TOGETHER
    (action,) = actions
    owner, logical_id = pipeline.referred("Ops", action)
    (description,) = (
        output["Description"]
        for output in pipeline.stacks[owner]["Outputs"].values()
        if output["Value"] == {"Ref": logical_id}
    )
    return "critical" if "critical" in description else "warning"


def widgets(pipeline: Pipeline) -> list[Widget]:
    """The dashboard's widgets, with references where CloudFormation inserts values."""
    body = pipeline.properties("Ops", "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    references = [part for part in body if isinstance(part, dict)]
    numbers = iter(range(len(references)))
    text = "".join(part if isinstance(part, str) else f"\u27e8{next(numbers)}\u27e9" for part in body)
    found: list[Widget] = json.loads(text)["widgets"]
    return [_restored(widget, references) for widget in found]


def _restored(node: Any, references: list[dict[str, Any]]) -> Any:
    if isinstance(node, dict):
        return {key: _restored(value, references) for key, value in node.items()}
    if isinstance(node, list):
        return [_restored(value, references) for value in node]
    if (
        isinstance(node, str)
        and node.startswith("\u27e8")
        and node.endswith("\u27e9")
        and node.count("\u27e8") == 1
    ):
        return references[int(node[1:-1])]
    return node


def drawn_metrics(widget: Widget) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Namespace, name and dimensions of each metric of a graph."""
    for row in widget["properties"].get("metrics", []):
        if isinstance(row[0], str):
            parts = [
                part for part in row if not (isinstance(part, dict) and part.keys() & {"stat", "label", "id"})
            ]
            namespace, name, *pairs = parts
            dimensions = [{"Name": pairs[at], "Value": pairs[at + 1]} for at in range(0, len(pairs), 2)]
            yield namespace, name, dimensions


def alarm_line(pipeline: Pipeline, alarm: Alarm) -> str:
    """An alarm as one readable line: metric, threshold, duration, topic."""
    shown = alarm.properties
    if "Metrics" in shown:
        what = " ← ".join(query["Expression"] for query in shown["Metrics"] if "Expression" in query)
    else:
        what = f"{shown['Namespace']} {shown['MetricName']} {shown['Statistic']}"
    comparison = {
        "GreaterThanThreshold": ">",
        "LessThanThreshold": "<",
        "LessThanOrEqualToThreshold": "≤",
    }[shown["ComparisonOperator"]]
    (period,) = alarm.periods
    return (
        f"{alarm.name}: {what} {comparison} {shown['Threshold']:g}, {shown['DatapointsToAlarm']} of "
        f"{shown['EvaluationPeriods']} x {period} s, missing {shown['TreatMissingData']}, "
        f"{topic_of(pipeline, shown.get('AlarmActions'))}"
    )


def widget_lines(widget: Widget) -> Iterator[str]:
    """A widget as readable lines: place, title, and each series and line."""
    shown = widget["properties"]
    place = f"{widget['x']},{widget['y']} {widget['width']}x{widget['height']}"
    yield f"{place} {widget['type']}: {shown.get('title') or shown['markdown'].splitlines()[0]}"
    for row in shown.get("metrics", []):
        options = row[-1]
        if options.get("visible", True):
            what = options.get("expression") or f"{row[0]} {row[1]} {options.get('stat', 'Average')}"
            side = "right" if options.get("yAxis") == "right" else "left"
            yield f"    {side}: {options['label']} = {what}, {options.get('period', 300)} s"
    for line in shown.get("annotations", {}).get("horizontal", []):
        yield f"    {line.get('yAxis', 'left')} line: {line['label']} at {line['value']}"
