"""The values of a chart in the page's API."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, cast

from botocore.exceptions import ClientError
from paged_answers import Answers

from laptop.page.definition import Chart
from laptop.page.metric_rows import metric_lines
from laptop.page.metrics import ChartData, read_chart

NOW = 1_800_000_030.0


def read(answers: Answers, *, period: int = 60, seconds: int = 900) -> ChartData:
    chart = Chart(lines=tuple(metric_lines([["N", "A", {"period": period}]])))
    return read_chart(cast(Any, answers), chart, seconds=seconds, now=NOW)


def page(values: dict[float, float]) -> dict[str, Any]:
    times = [dt.datetime.fromtimestamp(time, dt.UTC) for time in values]
    return {"MetricDataResults": [{"Id": "m1", "Timestamps": times, "Values": [*values.values()]}]}


def test_values_are_in_order_of_time_over_all_pages() -> None:
    answers = Answers(get_metric_data=[page({60: 1, 120: 2}), page({180: 3})])
    series = read(answers).lines["m1"]
    assert (series.times, series.values) == ([60, 120, 180], [1, 2, 3])
    assert answers.asked[0]["ScanBy"] == "TimestampAscending"


def test_a_period_without_a_value_is_a_gap() -> None:
    series = read(Answers(get_metric_data=[page({60: 1, 300: 2})])).lines["m1"]
    assert (series.times, series.values) == ([60, 180, 300], [1, None, 2])


def test_the_value_of_an_unfinished_period_is_a_separate_point() -> None:
    minute = NOW // 60 * 60
    series = read(Answers(get_metric_data=[page({minute - 60: 9, minute: 2})])).lines["m1"]
    assert (series.times, series.values) == ([minute - 60, minute - 30, minute], [9, None, 2])
    assert series.latest == 9


def test_a_short_period_is_omitted_until_it_is_complete() -> None:
    now = NOW // 10 * 10
    series = read(Answers(get_metric_data=[page({now - 10: 9, now: 2})]), period=10).lines["m1"]
    assert (series.times, series.values, series.latest) == ([now - 10], [9], 9)


def test_the_latest_value_is_that_of_the_last_complete_period() -> None:
    minute = NOW // 60 * 60
    assert read(Answers(get_metric_data=[page({minute: 2})])).lines["m1"].latest == 2
    assert read(Answers(get_metric_data=[page({60: 1, 120: 0})])).lines["m1"].latest == 0
    assert read(Answers(get_metric_data=[page({60: 1, 120: math.nan})])).lines["m1"].latest == 1
    assert read(Answers(get_metric_data=[page({})])).lines["m1"].latest is None


def test_values_that_are_not_numbers_are_missing() -> None:
    assert read(Answers(get_metric_data=[page({60: math.inf, 120: 2})])).lines["m1"].values == [None, 2]


def test_the_first_period_is_complete() -> None:
    answers = Answers(get_metric_data=[])
    data = read(answers)
    assert (data.start, data.end) == (1_799_999_100, NOW)
    assert answers.asked[0]["StartTime"] == dt.datetime.fromtimestamp(1_799_999_100, dt.UTC)
    assert answers.asked[0]["EndTime"] == dt.datetime.fromtimestamp(NOW, dt.UTC)


def test_a_chart_with_long_periods_shows_a_minimum_of_them() -> None:
    data = read(Answers(get_metric_data=[]), period=3600, seconds=300)
    assert data.start <= NOW - 3 * 3600
    assert data.start % 3600 == 0


def test_a_refused_chart_shows_the_reason() -> None:
    class Refusing(Answers):
        def paginate(self, **asked: Any) -> list[dict[str, Any]]:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": "no such function"}}, "GetMetricData"
            )

    data = read(Refusing())
    assert data.lines == {}
    assert "no such function" in data.message
