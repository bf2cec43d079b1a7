"""Parsing a dashboard's body, widget by widget."""

from __future__ import annotations

import json
from typing import Any

from laptop.page.definition import Dashboard, parse_dashboard


def parsed(*widgets: dict[str, Any]) -> Dashboard:
    return parse_dashboard("any", json.dumps({"periodOverride": "inherit", "widgets": widgets}))


def metric(**properties: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {"metrics": [["N", "A"]], **properties}}


def test_a_widget_has_the_place_of_the_definition() -> None:
    place = parsed({**metric(), "x": 6, "y": 9, "width": 18, "height": 4}).widgets[0].place
    assert (place.x, place.y, place.width, place.height) == (6, 9, 18, 4)


def test_a_widget_without_a_place_is_small_and_follows_the_previous_one() -> None:
    place = parsed(metric()).widgets[0].place
    assert (place.x, place.y, place.width, place.height) == (None, None, 6, 6)


def test_a_chart_has_axes_thresholds_and_lines() -> None:
    (widget,) = parsed(
        metric(
            title="Firehose",
            view="timeSeries",
            period=60,
            yAxis={"left": {"min": 0, "max": 1, "showUnits": False}, "right": {"label": "seconds"}},
            annotations={
                "horizontal": [
                    {"value": 0.99, "label": "promised"},
                    {"value": 900, "yAxis": "right", "color": "#d13212", "fill": "above"},
                    [{"value": 10, "label": "from"}, {"value": 20}],
                ]
            },
        )
    ).widgets
    assert widget.title == "Firehose"
    assert widget.chart is not None
    assert (widget.chart.axes["left"].min, widget.chart.axes["left"].max) == (0, 1)
    assert widget.chart.axes["right"].label == "seconds"
    assert [(line.value, line.label, line.y_axis) for line in widget.chart.thresholds] == [
        (0.99, "promised", "left"),
        (900, "", "right"),
        (10, "from", "left"),
        (20, "", "left"),
    ]
    assert [line.period for line in widget.chart.lines] == [60]


def test_an_alarm_widget_names_its_alarms() -> None:
    (widget,) = parsed(
        {"type": "alarm", "properties": {"title": "Alarms", "alarms": ["arn:1", "arn:2"]}}
    ).widgets
    assert widget.alarms == ("arn:1", "arn:2")


def test_text_is_markdown_with_html_escaped() -> None:
    (widget,) = parsed(
        {
            "type": "text",
            "properties": {
                "markdown": "## Load\n[logs](https://example.com) <img src=x onerror=alert(1)> [x](javascript:alert(1))"
            },
        }
    ).widgets
    assert "<h2>Load</h2>" in widget.html
    assert '<a href="https://example.com" target="_blank" rel="noopener noreferrer">logs</a>' in widget.html
    assert "<img" not in widget.html
    assert 'href="javascript' not in widget.html


def test_a_widget_for_the_console_only_says_so() -> None:
    (widget,) = parsed({"type": "log", "properties": {"title": "Errors", "query": "…"}}).widgets
    assert (widget.title, widget.note) == ("Errors", "A widget of type log is drawn by the AWS console only.")


def test_an_invalid_widget_shows_the_reason_and_does_not_affect_others() -> None:
    broken, off_the_grid, well = parsed(
        metric(title="Broken", metrics=[["N"]]), {**metric(), "x": 24}, metric()
    ).widgets
    assert broken.title == "Broken"
    assert "a row is a namespace, a metric and pairs of dimensions, got ['N']" in broken.note
    assert "x: Input should be less than or equal to 23" in off_the_grid.note
    assert well.chart is not None
