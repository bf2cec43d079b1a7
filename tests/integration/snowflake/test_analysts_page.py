"""Every query of docs/analysts.md runs, and its sessions equal an independent reference."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

import contract
from laptop.testing.snowflake import Account, KeyPair
from snowflake_setup.sql.dynamic_table import CreateDynamicTable
from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.sessions import Sessions
from snowflake_setup.sql.view import CreateView

PAGE = (Path(__file__).parents[3] / "docs" / "analysts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?);\n```", PAGE, re.DOTALL)
HOME = ("CLICKSTREAM", "RAW")
SILENCE = timedelta(minutes=30)
COLUMNS = {
    **{field.column: field.snowflake_type for field in contract.load(contract.DEFAULT_PATH).fields},
    "LOADED_AT": "TIMESTAMP_LTZ",
    "SOURCE_ROW": "NUMBER(38,0)",
    "RECEIVED_AT": "TIMESTAMP_TZ",
}
SHOWN = tuple(map(Identifier, COLUMNS))
ONCE = FirstArrivals(
    ObjectName.of(*HOME, "CLICK_EVENTS"),
    Identifier("EVENT_ID"),
    (Identifier("LOADED_AT"), Identifier("SOURCE_ROW")),
    Identifier("EVENT_TYPE"),
    EventDate((Identifier("RECEIVED_AT"), Identifier("LOADED_AT")), Identifier("TIMESTAMP"), 7),
)


@dataclass(frozen=True)
class Click:
    """One event of a visit."""

    event_id: str
    session_id: str
    at: datetime
    kind: str
    page: str
    platform: str


def clicks(seed: int) -> list[Click]:
    """Visits of some hours with pauses, in the order of arrival: late events and copies among them."""
    chance = Random(seed)  # noqa: S311 - no secret
    found: list[Click] = []
    for visit in range(25):
        at = datetime(2026, 11, 20, 18, tzinfo=UTC) + timedelta(minutes=20 * visit)
        for number in range(chance.randint(1, 9)):
            at += timedelta(seconds=chance.choice([20, 1799, 1800, 1801, 4000]))
            kind, page = (
                chance.choice(["page_view", "scroll", "click"]),
                chance.choice(["/", "/cart", "/checkout"]),
            )
            found.append(
                Click(f"{visit}-{number}", f"s{visit}", at, kind, page, chance.choice(["web", "mobile"]))
            )
    found += chance.sample(found, 20)
    chance.shuffle(found)
    return found


def sessions(arrived: list[Click]) -> list[tuple[Any, ...]]:
    """Session, part, start, end, seconds, pages, platform, landing and exit page."""
    visits: dict[str, list[Click]] = defaultdict(list)
    for click in dict.fromkeys(arrived):
        visits[click.session_id].append(click)
    found = []
    for session_id, visit in sorted(visits.items()):
        parts: list[list[Click]] = []
        for click in sorted(visit, key=lambda each: (each.at, each.event_id)):
            if parts and click.at - parts[-1][-1].at <= SILENCE:
                parts[-1].append(click)
            else:
                parts.append([click])
        for number, part in enumerate(parts):
            first, last = part[0], part[-1]
            seconds = int((last.at - first.at).total_seconds())
            pages = sum(click.kind == "page_view" for click in part)
            pages_seen = (first.platform, first.page, last.page)
            found.append((session_id, number, first.at, last.at, seconds, pages, *pages_seen))
    return found


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, admin_key: KeyPair) -> Iterator[Account]:
    running = Account(Path(tmp_path_factory.mktemp("analysts")) / "state", admin_key)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    running.run("ACCOUNTADMIN", 'CREATE DATABASE "CLICKSTREAM"', 'CREATE SCHEMA "CLICKSTREAM"."RAW"')
    running.run("ACCOUNTADMIN", f"CREATE TABLE {ONCE.table} ({columns})")
    running.run(
        "ACCOUNTADMIN", CreateView(ObjectName.of(*HOME, "CLICK_EVENTS_DEDUPLICATED"), "", ONCE, SHOWN).sql()
    )
    yield running
    running.close_connections()
    running.server.stop()


def asked(account: Account, query: str) -> list[tuple[Any, ...]]:
    named = query.replace("CLICK_EVENTS_DEDUPLICATED", '"CLICKSTREAM"."RAW"."CLICK_EVENTS_DEDUPLICATED"')
    return account.run("ACCOUNTADMIN", named)


def load(account: Account, arrived: list[Click], start: int) -> None:
    values = ", ".join(
        f"('{click.event_id}', '{click.session_id}', '{click.at.isoformat(sep=' ')}', '{click.kind}', '{click.page}', "
        f"'{click.platform}', {start + row}, '2026-11-21 10:00:00+00:00')"
        for row, click in enumerate(arrived)
    )
    columns = "EVENT_ID, SESSION_ID, TIMESTAMP, EVENT_TYPE, PAGE_ID, PLATFORM, SOURCE_ROW, LOADED_AT"
    account.run("ACCOUNTADMIN", f'INSERT INTO "CLICKSTREAM"."RAW"."CLICK_EVENTS" ({columns}) VALUES {values}')


def test_there_are_ten_queries_and_each_runs_and_filters_by_date(account: Account) -> None:
    assert len(QUERIES) == 10
    for query in QUERIES:
        assert "EVENT_DATE" in query.partition("WHERE")[2]
        asked(account, query)


def test_sessions_equal_the_reference_after_each_slice(account: Account) -> None:
    """By the query of the page, in the view of sessions, and in a dynamic table of a dynamic table."""
    once, events, visits, view = (
        ObjectName.of(*HOME, name)
        for name in ("CLICK_EVENTS_DEDUPLICATED", "EVENTS_TABLE", "SESSIONS_TABLE", "SESSIONS")
    )
    made = (ONCE, SHOWN, 60, Identifier("COMPUTE_WH"), "")
    account.run(
        "ACCOUNTADMIN",
        CreateView(view, "", Sessions(once), ()).sql(),
        CreateDynamicTable(events, *made).sql(),
        CreateDynamicTable(visits, Sessions(events), (), *made[2:]).sql(),
    )
    arrived = clicks(seed=30)
    cuts = sorted(Random(30).sample(range(1, len(arrived)), 29))  # noqa: S311 - no secret
    (query,) = (query for query in QUERIES if "LANDING_PAGE" in query)
    for start, end in pairwise([0, *cuts, len(arrived)]):
        load(account, arrived[start:end], start)
        account.run("ACCOUNTADMIN", f"ALTER DYNAMIC TABLE {visits} REFRESH")
        expected = sessions(arrived[:end])
        assert [instants(row) for row in asked(account, query)] == expected
        for source in (view, visits):
            found = asked(account, f"SELECT * FROM {source} ORDER BY SESSION_ID, PART")
            assert [instants(row[:-1]) for row in found] == expected
            assert [row[-1] for row in found] == [row[2].date() for row in expected]
    assert len(sessions(arrived)) > len({click.session_id for click in arrived})


def instants(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row, with its start and end as times."""
    return (*row[:2], *(datetime.fromisoformat(str(at)) for at in row[2:4]), *row[4:])
