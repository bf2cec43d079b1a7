"""Snapshots, one per stack, so that reviewers see a changed template; pytest --snapshot-update writes them.

Alarms and dashboard have a separate one with a line each, since their templates are too long to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.watched import alarm_line, alarms, widget_lines, widgets

HASH = re.compile(r"[0-9a-f]{64}")
NOISE = {"BootstrapVersion", "CheckBootstrapVersion"}
TOLD_IN_LINES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}


def reviewable(template: dict[str, Any]) -> dict[str, Any]:
    """The template without asset hashes and the boilerplate of every CDK template."""
    masked: dict[str, Any] = json.loads(HASH.sub("<hash>", json.dumps(template)))
    masked["Resources"] = {
        name: resource
        for name, resource in masked["Resources"].items()
        if resource["Type"] not in TOLD_IN_LINES
    }
    for section in ("Parameters", "Rules"):
        kept = {name: body for name, body in masked.pop(section, {}).items() if name not in NOISE}
        if kept:
            masked[section] = kept
    return masked


@pytest.mark.parametrize("stack", ["Storage", "Streaming", "Access", "Landing", "Ops"])
def test_stack(stack: str, pipeline: Pipeline, snapshot: SnapshotAssertion) -> None:
    assert reviewable(pipeline.stacks[stack]) == snapshot(name=stack).use_extension(JSONSnapshotExtension)


def test_sample_producer(synthesized: Callable[..., Pipeline], snapshot: SnapshotAssertion) -> None:
    template = synthesized(sample_producer={"enabled": True}).stacks["Producer"]
    assert reviewable(template) == snapshot(name="Producer").use_extension(JSONSnapshotExtension)


def test_streaming_by_direct_put(synthesized: Callable[..., Pipeline], snapshot: SnapshotAssertion) -> None:
    template = synthesized(streaming={"source": "direct_put"}).stacks["Streaming"]
    assert reviewable(template) == snapshot(name="Streaming").use_extension(JSONSnapshotExtension)


def test_pipeline_roles(synthesized: Callable[..., Pipeline], snapshot: SnapshotAssertion) -> None:
    template = synthesized(ci={"project_path": "my-group/clickstream", "branch": "release"}).stacks["Ci"]
    assert reviewable(template) == snapshot(name="Ci").use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("source", ["kinesis", "direct_put"])
def test_alarms_and_dashboard(
    source: str, synthesized: Callable[..., Pipeline], snapshot: SnapshotAssertion
) -> None:
    pipeline = synthesized(streaming={"source": source}, ops={"alarms": {"no_data_minutes": 60}})
    told = {
        "alarms": [alarm_line(pipeline, alarm) for alarm in alarms(pipeline)],
        "dashboard": [line for widget in widgets(pipeline) for line in widget_lines(widget)],
    }
    assert told == snapshot(name=source).use_extension(JSONSnapshotExtension)
