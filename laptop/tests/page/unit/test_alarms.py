"""Alarms as the page lists them."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest
from tests.page.unit.answers import Answers

from laptop.page.alarms import AlarmNow, read_alarms


def alarm(name: str, state: str = "OK", **more: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:{name}",
        "StateValue": state,
        "StateUpdatedTimestamp": dt.datetime.fromtimestamp(100, dt.UTC),
        **more,
    }


def read(*metric: dict[str, Any], composite: list[dict[str, Any]] | None = None) -> list[AlarmNow]:
    page = {"MetricAlarms": list(metric), "CompositeAlarms": composite or []}
    return read_alarms(cast(Any, Answers(describe_alarms=[page])))


def test_what_is_worst_comes_first() -> None:
    found = read(alarm("b"), alarm("d", "INSUFFICIENT_DATA"), alarm("c", "ALARM"), alarm("a"))
    assert [one.name for one in found] == ["c", "d", "a", "b"]


def test_composite_alarms_are_among_them() -> None:
    found = read(alarm("a"), composite=[alarm("all", "ALARM")])
    assert [one.name for one in found] == ["all", "a"]


@pytest.mark.parametrize(
    ("description", "runbook"),
    [
        (
            "Too late. https://wiki.example.com/runbook#freshness",
            "https://wiki.example.com/runbook#freshness",
        ),
        ("Too late. docs/runbook.md#freshness", "docs/runbook.md#freshness"),
        ("See https://example.com for what it is.", ""),
        ("Too late.", ""),
        ("", ""),
        ("Do javascript:alert(1)", ""),
    ],
)
def test_a_description_may_end_with_where_to_read_on(description: str, runbook: str) -> None:
    (found,) = read(alarm("a", AlarmDescription=description))
    assert found.runbook == runbook
    assert found.description == description


def test_names_lose_the_words_that_all_of_them_begin_with() -> None:
    found = read(alarm("app-dev-clicks-lag"), alarm("app-dev-clicks-late"), alarm("app-dev-unhealthy"))
    assert [one.short_name for one in found] == ["clicks-lag", "clicks-late", "unhealthy"]


def test_a_name_that_is_the_beginning_of_others_keeps_its_last_word() -> None:
    assert [one.short_name for one in read(alarm("app-dev"), alarm("app-dev-late"))] == ["dev", "dev-late"]
    assert [one.short_name for one in read(alarm("app-dev-late"))] == ["app-dev-late"]
