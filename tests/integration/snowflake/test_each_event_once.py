"""The rows for analysts equal an independent reference, whatever arrives and in whichever time zone they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from laptop.testing.snowflake import Account, KeyPair
from snowflake_setup.sql.dynamic_table import CreateDynamicTable
from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.first_arrivals import FirstArrivals, Kept
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.view import CreateView
from tests.integration.snowflake.arriving import LATE_DAYS, arrivals, insertion, once

TABLE = ObjectName.of("DB", "RAW", "CLICKS")
ROW = Identifier("SOURCE_ROW")
ONCE = FirstArrivals(
    table=TABLE,
    key=Identifier("EVENT_ID"),
    order=(Identifier("LOADED_AT"), ROW),
    type_column=Identifier("EVENT_TYPE"),
    date=EventDate((Identifier("RECEIVED_AT"), Identifier("LOADED_AT")), Identifier("TIMESTAMP"), LATE_DAYS),
)
Run = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, admin_key: KeyPair) -> Iterator[Run]:
    account = Account(Path(tmp_path_factory.mktemp("once")) / "state", admin_key)

    def run_as_admin(*sql: str) -> list[tuple[Any, ...]]:
        return account.run("ACCOUNTADMIN", *sql)

    run_as_admin(
        'CREATE DATABASE "DB"',
        'CREATE SCHEMA "DB"."RAW"',
        f'CREATE TABLE {TABLE} ("EVENT_ID" VARCHAR, "EVENT_TYPE" VARCHAR, "TIMESTAMP" TIMESTAMP_TZ, '
        '"RECEIVED_AT" TIMESTAMP_TZ, "LOADED_AT" TIMESTAMP_LTZ, "SOURCE_ROW" NUMBER(38,0))',
    )
    yield run_as_admin
    account.close_connections()
    account.server.stop()


def test_the_view_shows_what_the_reference_shows(run: Run) -> None:
    rows = arrivals(600, seed=16)
    view = ObjectName.of("DB", "RAW", "ONCE")
    run(insertion(TABLE.sql(), rows), CreateView(view, "", ONCE, (ROW,)).sql())
    expected = once(rows)
    assert len(expected) < len([row for row in rows if not row.event_type.startswith("_")])
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        run(f"ALTER ACCOUNT SET TIMEZONE = '{zone}'")
        assert {tuple(row) for row in run(f"SELECT * FROM {view}")} == expected
    for day in sorted({day for _, day in expected}):
        found = run(f"SELECT \"SOURCE_ROW\" FROM {view} WHERE EVENT_DATE = '{day}'")
        assert {number for (number,) in found} == {number for number, its_day in expected if its_day == day}


def test_a_dynamic_table_shows_after_each_slice_what_the_reference_shows(run: Run) -> None:
    rows, cuts = arrivals(600, seed=17), sorted(Random(17).sample(range(1, 600), 29))  # noqa: S311 - no secret
    kept = ObjectName.of("DB", "RAW", "KEPT")
    run(
        f"DELETE FROM {TABLE}",
        CreateDynamicTable(kept, ONCE, (ROW,), 60, Identifier("COMPUTE_WH"), "").sql(),
        f"CREATE VIEW DB.RAW.SHOWN AS {Kept(kept).sql((ROW,))}",
    )
    shown: set[tuple[Any, ...]] = set()
    for start, end in pairwise([0, *cuts, len(rows)]):
        run(insertion(TABLE.sql(), rows[start:end]))
        assert {tuple(row) for row in run("SELECT * FROM DB.RAW.SHOWN")} == shown
        run(f"ALTER DYNAMIC TABLE {kept} REFRESH")
        shown = {tuple(row) for row in run("SELECT * FROM DB.RAW.SHOWN")}
        assert shown == once(rows[:end])


def test_each_part_of_the_reference_matters() -> None:
    """Copies on another day, late ones, wrong clocks and rows without an id are among the arrivals."""
    rows = arrivals(600, seed=16)
    assert len(once(rows)) != len(once([replace(row, happened=None) for row in rows]))
    assert any(row.event_id is None for row in rows)
    assert any(row.happened and row.happened.year == 1970 for row in rows)
    copies = [
        row for row in rows if [other.event_id for other in rows].count(row.event_id) > 1 and row.event_id
    ]
    assert any(one.day != other.day for one in copies for other in copies if one.event_id == other.event_id)
