"""The on-call dashboard: the whole data flow, in any region, with graphs of existing resources only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.test_alarms import check_metric
from tests.infrastructure.variants import VARIANTS
from tests.infrastructure.watched import Widget, alarms, drawn_metrics, topic_of, widgets

Variant = Callable[[str], Pipeline]
REGION = re.compile(r"\b(us|eu|ap|sa|ca|me|af|il|mx|cn)(-[a-z]+)+-\d\b")
# It says where its stack is.
WEAK_REFERENCE = re.compile(r'"Fn::GetStackOutput": \{[^}]*\}')


def graphs(pipeline: Pipeline) -> list[Widget]:
    return [widget for widget in widgets(pipeline) if widget["type"] == "metric"]


def lines(widget: Widget) -> dict[str, float]:
    """Label and height of each line drawn into a graph."""
    drawn: list[dict[str, Any]] = widget["properties"].get("annotations", {}).get("horizontal", [])
    return {entry: line["value"] for line in drawn for entry in line["label"].split(", ")}


@pytest.mark.parametrize("name", VARIANTS)
def test_no_widget_names_a_region(name: str, variant: Variant) -> None:
    for widget in widgets(variant(name)):
        assert not REGION.search(WEAK_REFERENCE.sub("", json.dumps(widget, ensure_ascii=False))), widget
        if widget["type"] == "metric":
            assert widget["properties"]["region"] == {"Ref": "AWS::Region"}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_graph_has_metrics_of_the_app(name: str, variant: Variant) -> None:
    pipeline, config = variant(name), VARIANTS[name]
    for widget in graphs(pipeline):
        metrics = list(drawn_metrics(widget))
        assert metrics, widget["properties"]["title"]
        for namespace, _, dimensions in metrics:
            check_metric(pipeline, config, namespace, dimensions)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_reference_is_to_a_resource_of_the_app(name: str, variant: Variant) -> None:
    pipeline = variant(name)
    body = pipeline.properties("Ops", "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    for part in body:
        if isinstance(part, dict) and part != {"Ref": "AWS::Region"}:
            assert pipeline.referred("Ops", part)


@pytest.mark.parametrize("name", VARIANTS)
def test_alarm_states_are_at_the_top_with_critical_ones_first(name: str, variant: Variant) -> None:
    pipeline = variant(name)
    head, states, *rest = widgets(pipeline)
    assert (head["type"], states["type"]) == ("text", "alarm")
    assert all(widget["y"] >= states["y"] + states["height"] for widget in rest)
    shown = [pipeline.referred("Ops", arn)[1] for arn in states["properties"]["alarms"]]
    composites = list(pipeline.resources("Ops", "AWS::CloudWatch::CompositeAlarm"))
    first, others = shown[: len(composites)], shown[len(composites) :]
    assert sorted(first) == sorted(composites)
    assert sorted(others) == sorted(alarm.logical_id for alarm in alarms(pipeline))
    severities = [_is_warning(pipeline, alarm) for alarm in others]
    assert severities == sorted(severities)


def _is_warning(pipeline: Pipeline, logical_id: str) -> bool:
    properties = pipeline.stacks["Ops"]["Resources"][logical_id]["Properties"]
    return topic_of(pipeline, properties.get("AlarmActions")) == "warning"


@pytest.mark.parametrize("name", VARIANTS)
def test_widgets_fill_the_grid_without_overlap(name: str, variant: Variant) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(variant(name)):
        assert widget["x"] + widget["width"] <= 24
        cells = {
            (widget["x"] + right, widget["y"] + down)
            for right in range(widget["width"])
            for down in range(widget["height"])
        }
        assert not cells & taken
        taken |= cells


def test_widgets_follow_the_data_flow_from_left_to_right(variant: Variant) -> None:
    ways = {name: _way(variant(name)) for name in ("dev", "direct put", "two kinds of event", "monitor off")}
    whole = ["1 Ingest: clicks", "2 Deliver: clicks", "3 Load: clicks", "4 Freshness: clicks"]
    assert ways["dev"] == ways["direct put"] == whole
    assert ways["two kinds of event"] == [*whole, *(step.replace("clicks", "orders") for step in whole)]
    assert ways["monitor off"] == whole[:2]


def _way(pipeline: Pipeline) -> list[str]:
    """The steps in reading order, each of which must be to the right of the one before."""
    steps = [widget for widget in graphs(pipeline) if widget["properties"]["title"][0].isdigit()]
    places = [(step["y"], step["x"]) for step in steps]
    assert places == sorted(places)
    return [step["properties"]["title"] for step in steps]


@pytest.mark.parametrize("name", VARIANTS)
def test_graphs_draw_the_thresholds_of_alarms(name: str, variant: Variant) -> None:
    """Each alarm on events has a line, at its threshold, in a graph that shows its metric."""
    pipeline = variant(name)
    for alarm in alarms(pipeline):
        if alarm.entry in {"function-errors", "no-data"}:
            continue  # a count without a level; a difference that no graph shows
        watched = {(metric["MetricName"], json.dumps(metric["Dimensions"])) for metric in alarm.metrics}
        found = [
            lines(widget)[alarm.entry]
            for widget in graphs(pipeline)
            if alarm.entry in lines(widget)
            and watched <= {(each, json.dumps(dims)) for _, each, dims in drawn_metrics(widget)}
        ]
        assert found == [alarm.properties["Threshold"]], alarm.name


def test_costs_are_at_the_bottom(variant: Variant) -> None:
    for name, kinesis in (("dev", True), ("direct put", False)):
        shown = graphs(variant(name))
        last = max(widget["y"] for widget in shown)
        titles = [widget["properties"]["title"] for widget in shown if widget["y"] == last]
        wanted = [
            "Firehose: billed at least",
            "Kinesis: put",
            "S3: kept in the lake",
            "Snowpipe: files loaded",
        ]
        assert titles == [
            *(title for title in wanted if kinesis or "Kinesis" not in title),
            "Lambda: time taken",
        ]


def test_firehose_bills_small_records_as_5_kb(variant: Variant) -> None:
    (widget,) = (
        widget
        for widget in graphs(variant("two kinds of event"))
        if widget["properties"]["title"].startswith("Firehose: billed")
    )
    expressions = [row[0]["expression"] for row in widget["properties"]["metrics"] if "expression" in row[0]]
    assert expressions == [
        "MAX([bytes_1, rounded_1])",
        "5120 * records_1",
        "MAX([bytes_2, rounded_2])",
        "5120 * records_2",
    ]


def test_the_header_has_the_names_and_links_to_logs_and_runbook(variant: Variant) -> None:
    pipeline = variant("many recipients")
    (join,) = pipeline.properties("Ops", "AWS::CloudWatch::Dashboard")["DashboardBody"].values()
    text = join[1]
    linked = [
        pipeline.type_referred("Ops", after)
        for before, after in pairwise(text)
        if isinstance(before, str) and before.endswith("~source~(~'")
    ]
    assert linked == ["AWS::Logs::LogGroup"] * 4  # Firehose, landing, monitor, canary
    head = widgets(pipeline)[0]["properties"]["markdown"]
    assert "[https://wiki.example.com/clickstream](https://wiki.example.com/clickstream)" in head
    assert "CLICKSTREAM_TEST.RAW.CLICK_EVENTS_PIPE" in head
    assert "`docs/runbook.md`" in widgets(variant("dev"))[0]["properties"]["markdown"]


def test_the_sample_producer_comes_before_its_events(variant: Variant) -> None:
    first, second, *_ = graphs(variant("sample producer"))
    assert [widget["properties"]["title"] for widget in (first, second)] == [
        "0 Sample producer",
        "1 Ingest: clicks",
    ]
    assert {name for _, name, _ in drawn_metrics(first)} == {"SentEvents", "CPUUtilization"}
