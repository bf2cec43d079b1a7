"""Events as they arrive, copies, late ones and wrong clocks among them, and what a view must show of them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

START = datetime(2026, 11, 2, 20, tzinfo=UTC)
LATE_DAYS = 2


@dataclass(frozen=True)
class Arrived:
    """A row of the table; times have the offsets in which their senders wrote them."""

    event_id: str | None
    event_type: str
    happened: datetime | None
    received: datetime | None
    loaded: datetime
    row: int

    @property
    def day(self) -> date:
        """Its EVENT_DATE, by the definition in docs/analysts.md."""
        arrival = (self.received or self.loaded).astimezone(UTC).date()
        if self.happened is None:
            return arrival
        happened = self.happened.astimezone(UTC).date()
        return min(max(happened, arrival - timedelta(days=LATE_DAYS)), arrival + timedelta(days=1))


def arrivals(count: int, seed: int) -> list[Arrived]:
    """Rows of about three days, in the order in which they were loaded."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    found: list[Arrived] = []
    for number in range(count):
        loaded = START + timedelta(minutes=4320 * number / count)
        if found and chance.random() < 0.3:
            copied = chance.choice(found)
            # A copy has the event's own time, and arrives on its own, some of them after midnight or days later.
            found.append(replace(copied, received=loaded, loaded=loaded, row=number))
            continue
        offset = timedelta(hours=chance.choice([-9, 0, 5.5, 12]))
        happened: datetime | None = loaded - timedelta(minutes=chance.expovariate(1 / 90))
        match chance.random():
            case roll if roll < 0.05:
                happened = chance.choice([datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
            case roll if roll < 0.1:
                happened = None
        if happened:
            happened = happened.astimezone(timezone(offset))
        found.append(
            Arrived(
                event_id=None if chance.random() < 0.05 else f"e{number}",
                event_type=chance.choice(["click", "page_view", "_canary"]),
                happened=happened,
                received=None if chance.random() < 0.1 else loaded - timedelta(seconds=40),
                loaded=loaded,
                row=number,
            )
        )
    return found


def once(rows: Iterable[Arrived]) -> set[tuple[int, date]]:
    """Number and date of the rows that are shown: the first of each event and day, and all without an id."""
    first: dict[object, Arrived] = {}
    for row in rows:
        if row.event_type.startswith("_"):
            continue
        key = row.row if row.event_id is None else (row.event_id, row.day)
        there = first.get(key)
        if there is None or (row.loaded, row.row) < (there.loaded, there.row):
            first[key] = row
    return {(row.row, row.day) for row in first.values()}


def insertion(table: str, rows: Iterable[Arrived]) -> str:
    """The statement that puts the rows into the table."""
    values = ", ".join(
        f"({_text(row.event_id)}, {_text(row.event_type)}, {_time(row.happened)}, {_time(row.received)}, "
        f"{_time(row.loaded)}, {row.row})"
        for row in rows
    )
    return f"INSERT INTO {table} VALUES {values}"


def _text(value: str | None) -> str:
    return f"'{value}'" if value else "NULL"


def _time(value: datetime | None) -> str:
    return _text(value.isoformat(sep=" ") if value else None)
