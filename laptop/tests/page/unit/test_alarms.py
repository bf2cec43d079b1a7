"""The page's list of alarms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, cast

import pytest
from paged_answers import Answers

from laptop.page.alarms import AlarmNow, read_alarms
from laptop.page.documentation import Documentation


def alarm(name: str, state: str = "OK", **more: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:{name}",
        "StateValue": state,
        "StateUpdatedTimestamp": dt.datetime.fromtimestamp(100, dt.UTC),
        **more,
    }


def read(
    *metric: dict[str, Any], composite: list[dict[str, Any]] | None = None, docs: Path | None = None
) -> list[AlarmNow]:
    page = {"MetricAlarms": list(metric), "CompositeAlarms": composite or []}
    return read_alarms(cast(Any, Answers(describe_alarms=[page])), Documentation(docs))


def test_alarms_are_in_the_runbooks_order_and_others_last_by_name(docs: Path) -> None:
    much, late = "Too much. docs/runbook.md#too-much", "Too late. Runbook: docs/runbook.md#too-late"
    elsewhere = "Too bad. https://wiki.example.com/#too-bad"
    found = read(
        alarm("a", AlarmDescription="docs/runbook.md#nowhere"),
        alarm("b", AlarmDescription=much),
        alarm("c", AlarmDescription=late),
        alarm("d", AlarmDescription=elsewhere),
        docs=docs,
    )
    assert [one.name for one in found] == ["c", "b", "a", "d"]


def test_composite_alarms_are_included() -> None:
    found = read(alarm("a"), composite=[alarm("all", "ALARM")])
    assert [one.name for one in found] == ["a", "all"]


@pytest.mark.parametrize(
    ("description", "runbook"),
    [
        (
            "Too late. https://wiki.example.com/runbook#freshness",
            "https://wiki.example.com/runbook#freshness",
        ),
        ("Too late. docs/runbook.md#freshness", "docs/runbook.md#freshness"),
        ("Too late. Runbook: docs/runbook.md", "docs/runbook.md"),
        ("See https://example.com for what it is.", ""),
        ("Too late.", ""),
        ("", ""),
        ("Do javascript:alert(1)", ""),
    ],
)
def test_a_description_may_end_with_a_link(description: str, runbook: str) -> None:
    (found,) = read(alarm("a", AlarmDescription=description))
    assert found.runbook == runbook
    assert found.description == (description.split(".")[0] + "." if runbook else description)


def test_names_lose_their_common_first_words() -> None:
    found = read(alarm("app-dev-clicks-lag"), alarm("app-dev-clicks-late"), alarm("app-dev-unhealthy"))
    assert [one.short_name for one in found] == ["clicks-lag", "clicks-late", "unhealthy"]


def test_a_name_that_is_a_prefix_of_others_keeps_its_last_word() -> None:
    assert [one.short_name for one in read(alarm("app-dev"), alarm("app-dev-late"))] == ["dev", "dev-late"]
    assert [one.short_name for one in read(alarm("app-dev-late"))] == ["app-dev-late"]
