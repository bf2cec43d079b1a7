"""docs/costs.md: resources that are billed individually, counted in the templates."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.model import PipelineConfig
from tests.infrastructure.synthesis import pipeline_config, synthesize
from tests.infrastructure.variants import VARIANTS

MONTH_HOURS = 730
_BY_TYPE = {
    "AWS::KinesisFirehose::DeliveryStream": "delivery streams",
    "AWS::Kinesis::Stream": "Data Streams",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::CompositeAlarm": "composite alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::Logs::MetricFilter": "metrics made from logs",
    "AWS::Lambda::Function": "Lambda functions",
    "AWS::Logs::LogGroup": "log groups",
    "AWS::KMS::Key": "customer keys",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::SNS::Topic": "topics",
    "AWS::EC2::LaunchTemplate": "instances",
}
_SCHEDULED, _REQUEST_METRICS = "invocations by schedule", "filters of S3 request metrics"
_ROWS = (*_BY_TYPE.values(), _SCHEDULED, _REQUEST_METRICS)


def table() -> str:
    """One row a thing that is billed by the piece, one column a deployment or what an option adds."""
    default = pieces(pipeline_config())
    columns = {
        "`dev`": pieces(VARIANTS["dev"]),
        "`prod`": pieces(VARIANTS["prod"]),
        "Direct PUT": pieces(VARIANTS["direct put"]),
        "a second kind of event": _added(default, VARIANTS["two kinds of event"]),
        "the sample producer": _added(default, VARIANTS["sample producer"]),
    }
    lines = [f"| | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for row in _ROWS:
        if any(counts[row] for counts in columns.values()):
            lines.append(f"| {row} | {' | '.join(_cell(name, columns[name][row]) for name in columns)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def pieces(config: PipelineConfig) -> Counter[str]:
    """Number of each resource in a deployment; invocations are per month."""
    with tempfile.TemporaryDirectory() as outdir:
        stacks = synthesize(Path(outdir, "cdk.out"), config).stacks
    return Counter(
        piece
        for template in stacks.values()
        for resource in template["Resources"].values()
        for piece in _pieces_of(resource)
    )


def _pieces_of(resource: dict[str, Any]) -> Iterator[str]:
    if name := _BY_TYPE.get(resource["Type"]):
        yield name
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::S3::Bucket":
        yield from [_REQUEST_METRICS] * len(properties.get("MetricsConfigurations", []))
    if resource["Type"] == "AWS::Events::Rule" and "ScheduleExpression" in properties:
        yield from [_SCHEDULED] * (
            _runs_a_month(properties["ScheduleExpression"]) * len(properties["Targets"])
        )


def _runs_a_month(expression: str) -> int:
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"a schedule that the bill cannot count: {expression!r}")
    minutes = int(found[1]) * {"minute": 1, "hour": 60, "day": 24 * 60}[found[2]]
    return MONTH_HOURS * 60 // minutes


def _added(default: Counter[str], config: PipelineConfig) -> Counter[str]:
    more = pieces(config)
    more.subtract(default)
    return more


def _cell(column: str, count: int) -> str:
    sign = "+" if count and not column.startswith(("`", "Direct")) else ""
    return f"{sign}{count:,}" if count else ""
