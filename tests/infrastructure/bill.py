"""What is on the bill by the piece, counted in the templates: the table of docs/costs.md. `make docs` writes it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from config import ROOT
from config.model import PipelineConfig
from tests.infrastructure.synthesis import Pipeline, pipeline_config, synthesize
from tests.infrastructure.variants import VARIANTS

PAGE = ROOT / "docs" / "costs.md"
MONTH_HOURS = 730
_BEGIN, _END = "<!-- counted by `make docs` -->\n", "<!-- end of what is counted -->"
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


Synthesize = Callable[[PipelineConfig], Pipeline]


def fresh(config: PipelineConfig) -> Pipeline:
    """A pipeline that no run of tests shares."""
    with tempfile.TemporaryDirectory() as outdir:
        return synthesize(Path(outdir, "cdk.out"), config)


def page(made: Synthesize = fresh) -> str:
    """The page with the table as it must be now."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table(made)}\n{_END}{after}"


def table(made: Synthesize = fresh) -> str:
    """One row a thing that is billed by the piece, one column a deployment or what an option adds to `dev`."""
    base = pieces(made(pipeline_config()))
    columns = {
        "`dev`": pieces(made(VARIANTS["dev"])),
        "`prod`": pieces(made(VARIANTS["prod"])),
        "Direct PUT": pieces(made(VARIANTS["direct put"])),
        "a second kind of event": _added(base, pieces(made(VARIANTS["two kinds of event"]))),
        "the sample producer": _added(base, pieces(made(VARIANTS["sample producer"]))),
    }
    lines = [f"| | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for row in _ROWS:
        if any(counts[row] for counts in columns.values()):
            lines.append(f"| {row} | {' | '.join(_cell(name, columns[name][row]) for name in columns)} |")
    return "\n".join(lines) + "\n"


def pieces(pipeline: Pipeline) -> Counter[str]:
    """How many of each a deployment has; invocations are those of a month."""
    return Counter(
        piece
        for template in pipeline.stacks.values()
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


def _added(base: Counter[str], more: Counter[str]) -> Counter[str]:
    more.subtract(base)
    return more


def _cell(column: str, count: int) -> str:
    sign = "+" if count and not column.startswith(("`", "Direct")) else ""
    return f"{sign}{count:,}" if count else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"counted what is billed by the piece in {PAGE.relative_to(ROOT)}", file=sys.stderr)
