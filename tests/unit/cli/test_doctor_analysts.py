"""Checks of what Snowflake makes of the analysts' queries, which only an account can answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli.doctor.catalogue import CHECKS
from cli.doctor.check import Finding, State
from cli.doctor.patient import Patient
from tests.infrastructure.synthesis import pipeline_config

KEPT = {"rows": {"deduplicate": "dynamic_table"}}


def look(name: str, row: dict[str, Any], **config: Any) -> Finding:
    """The finding of a check whose statement answers with one row."""
    values = pipeline_config(**config)
    stub = SimpleNamespace(config=values, run=lambda sql: [row], rows=lambda sql: [row])
    stub.each_kind = lambda check: Patient.each_kind(cast("Patient", stub), check)
    (check,) = (check for check in CHECKS if check.name == name)
    assert check.look
    return check.look(cast("Patient", stub))


def explained(read: int, total: int) -> dict[str, Any]:
    return {"content": json.dumps({"GlobalStats": {"partitionsAssigned": read, "partitionsTotal": total}})}


@pytest.mark.parametrize(
    ("read", "total", "state"),
    [(10, 1000, State.WELL), (900, 1000, State.ILL), (9, 9, State.UNKNOWN)],
)
def test_a_query_of_a_day_reads_a_part_of_the_table(read: int, total: int, state: State) -> None:
    assert look("one-day-query", explained(read, total)).state is state


def test_without_a_dynamic_table_nothing_is_refreshed() -> None:
    assert look("dynamic-table", {}).state is State.SKIPPED


@pytest.mark.parametrize(
    ("mode", "state", "expected"),
    [
        ("INCREMENTAL", "ACTIVE", State.WELL),
        ("FULL", "ACTIVE", State.ILL),
        ("INCREMENTAL", "SUSPENDED", State.ILL),
    ],
)
def test_a_dynamic_table_is_refreshed_incrementally(mode: str, state: str, expected: State) -> None:
    name = pipeline_config(**KEPT).event_stream("clicks").dynamic_table
    row = {"name": name, "refresh_mode": mode, "refresh_mode_reason": None, "scheduling_state": state}
    assert look("dynamic-table", row, **KEPT).state is expected


@pytest.mark.parametrize(
    ("policy", "days", "state"),
    [
        ("CLICK_EVENTS_RETENTION", 32, State.WELL),
        ("CLICK_EVENTS_RETENTION", 34, State.ILL),
        ("THEIRS", 1, State.ILL),
    ],
)
def test_rows_expire(policy: str, days: int, state: State) -> None:
    row = {"policy_name": policy, "oldest": datetime.now(UTC) - timedelta(days=days)}
    assert look("retention", row, rows={"keep_days": 30}).state is state


def test_rows_that_are_kept_for_ever_have_no_policy() -> None:
    assert look("retention", {}).state is State.SKIPPED
