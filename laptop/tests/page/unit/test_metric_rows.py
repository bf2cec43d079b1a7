"""The rows of a metric widget, with the values they inherit from each other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.page.metric_rows import MetricLine, Row, metric_lines

NAMES = st.text(alphabet="abXY/", min_size=1, max_size=4)
FULL_ROWS = st.lists(
    st.tuples(NAMES, NAMES, st.lists(st.tuples(NAMES, NAMES), max_size=3)), min_size=1, max_size=6
)


def named(lines: list[MetricLine]) -> list[list[str]]:
    return [[line.namespace, line.metric_name, *sum(line.dimensions, ())] for line in lines]


def shortened(rows: list[list[str]], dots: st.DataObject) -> list[list[str]]:
    """`rows` with some elements that equal those above abbreviated as "." or "..."."""
    short = [rows[0]]
    for above, row in pairwise(rows):
        same = [index < len(above) and above[index] == part for index, part in enumerate(row)]
        written = [
            "." if alike and dots.draw(st.booleans()) else part for alike, part in zip(same, row, strict=True)
        ]
        head = next((at for at, alike in enumerate(same) if not alike), len(row))
        if head and len(row) == len(above) and dots.draw(st.booleans()):
            written = ["...", *row[head:]]
        short.append(written)
    return short


@given(rows=FULL_ROWS, dots=st.data())
def test_abbreviated_rows_equal_full_ones(rows: Any, dots: st.DataObject) -> None:
    full = [[space, name, *sum(dimensions, ())] for space, name, dimensions in rows]
    assert named(metric_lines(shortened(full, dots))) == full


def test_only_the_last_dimension_may_differ() -> None:
    rows: list[Row] = [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", "clicks"],
        ["...", "orders"],
        [".", "IncomingBytes", ".", "."],
    ]
    assert named(metric_lines(rows)) == [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", "clicks"],
        ["AWS/Kinesis", "IncomingRecords", "StreamName", "orders"],
        ["AWS/Kinesis", "IncomingBytes", "StreamName", "orders"],
    ]


def test_a_rows_options_override_the_widgets() -> None:
    lines = metric_lines([["N", "A"], ["N", "B", {"stat": "p95", "period": 10}]], stat="Sum", period=60)
    assert [(line.stat, line.period) for line in lines] == [("Sum", 60), ("p95", 10)]
    (plain,) = metric_lines([["N", "A"]])
    assert (plain.stat, plain.period, plain.y_axis, plain.visible) == ("Average", 300, "left", True)


def test_a_metrics_query_has_its_dimensions() -> None:
    (line,) = metric_lines(
        [["N", "A", "D", "v", "E", "w", {"id": "in", "label": "in", "stat": "Sum", "period": 60}]]
    )
    assert line.query() == {
        "Id": "in",
        "Label": "in",
        "ReturnData": True,
        "MetricStat": {
            "Metric": {
                "Namespace": "N",
                "MetricName": "A",
                "Dimensions": [{"Name": "D", "Value": "v"}, {"Name": "E", "Value": "w"}],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }


def test_an_expression_is_queried_and_its_hidden_inputs_are_not_returned() -> None:
    lines = metric_lines(
        [
            [{"expression": "100 * used / most", "label": "quota in use", "period": 60, "yAxis": "right"}],
            ["N", "Used", {"id": "used", "visible": False}],
            [".", "Most", {"id": "most", "visible": False}],
        ]
    )
    expression, *fed = [line.query() for line in lines]
    assert expression == {
        "Id": "m1",
        "Label": "quota in use",
        "ReturnData": True,
        "Expression": "100 * used / most",
    }
    assert [(query["Id"], query["ReturnData"]) for query in fed] == [("used", False), ("most", False)]
    assert [line.y_axis for line in lines] == ["right", "left", "left"]


def test_an_expression_has_the_period_of_the_metrics_in_it() -> None:
    lines = metric_lines(
        [
            ["N", "A", {"id": "a", "period": 60}],
            ["N", "B", {"id": "b", "period": 3600}],
            [{"expression": "a * 2", "period": 300}],
            [{"expression": "SUM(METRICS())", "period": 300}],
        ]
    )
    assert [line.period for line in lines] == [60, 3600, 60, 300]


def test_a_metric_below_an_expression_inherits_from_the_metric_above_it() -> None:
    lines = metric_lines([["N", "A", "D", "v"], [{"expression": "m1 * 2"}], ["...", "w"]])
    assert lines[2].dimensions == (("D", "w"),)


def test_generated_ids_do_not_clash_with_those_of_the_definition() -> None:
    lines = metric_lines([["N", "A"], ["N", "B", {"id": "m1"}], ["N", "C"]])
    assert len({line.id for line in lines}) == 3
    assert lines[1].id == "m1"


def test_a_line_without_a_label_is_named_by_its_difference_from_the_others() -> None:
    lines = metric_lines([["N", "A", "D", "v"], ["...", "w"], ["N", "B", "D", "v"], [{"expression": "1+1"}]])
    assert [line.label for line in lines] == ["A v", "A w", "B", "1+1"]


@pytest.mark.parametrize(
    "rows", [[["N"]], [["N", "A", "D"]], [[".", "A"]], [["N", "A"], [".", ".", ".", "v"]], [[]], [["..."]]]
)
def test_an_invalid_row_is_refused(rows: list[Row]) -> None:
    with pytest.raises(ValueError, match="row"):
        metric_lines(rows)
