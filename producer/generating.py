"""Generated events: sessions of plausible clicks, for demos, load and tests."""

from __future__ import annotations

import heapq
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count as counting
from typing import Any

from contract import EventContract, Found
from producer.samples import Maker, maker, rfc3339

OPENING, SCROLL, CLOSING = "page_view", "scroll", "session_end"
_ONLY_WITH = {"SCROLL_DEPTH": SCROLL, "SESSION_DURATION": CLOSING}

_EVENTS_PER_SECOND = 2.0
_SECONDS_BETWEEN = 6.0  # average time between two events of a visitor
_MOST_VISITORS = 1_000
_USERS = 500
_MEAN_STEPS = 8
_SEEDED_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Visit:
    """The state of one session."""

    started: datetime
    user_id: str
    session_id: str
    platform: Any
    page_id: Any
    remaining: int
    is_new: bool = True


def generate(
    contract: EventContract,
    *,
    count: int | None = None,
    seed: int | None = None,
    rate: float | None = None,
) -> Iterator[Found]:
    """Yield events of interleaved sessions, with ascending timestamps.

    Args:
        contract: determines the fields; values are based on its examples, types and bounds.
        count: the number of events; endless when left out.
        seed: the same seed gives the same events, including ids and timestamps; without it they are new every time,
            and their timestamps end now (or, at a `rate`, are the time of generation).
        rate: the number of events to be sent per second; with a seed it changes nothing here.

    Raises:
        ValueError: no value can be generated that conforms to a field's rules.
    """
    pace = rate if rate and seed is None else _EVENTS_PER_SECOND
    start = _SEEDED_START if seed is not None else datetime.now(UTC)
    if seed is None and rate is None and count:
        start -= timedelta(seconds=count / pace)
    crowd = _Crowd(contract, random.Random(seed), start=start, pace=pace)  # noqa: S311 - no secret
    live = seed is None and rate is not None
    return _documents(crowd.live_events() if live else crowd.events(), count)


def _documents(events: Iterator[dict[str, Any]], count: int | None) -> Iterator[Found]:
    for number in counting(1) if count is None else range(1, count + 1):
        event = next(events)
        yield Found(json.dumps(event, ensure_ascii=False, separators=(",", ":")), event, [], number)


class _Crowd:
    """Concurrent visitors, each with a sequence of actions."""

    def __init__(self, contract: EventContract, rng: random.Random, *, start: datetime, pace: float) -> None:
        self._rng = rng
        self._start = start
        self._size = min(max(1, round(pace * _SECONDS_BETWEEN)), _MOST_VISITORS)
        self._seconds_between = self._size / pace
        self._makers: dict[str, Maker] = {field.column: maker(field) for field in contract.fields}
        self._names = {field.column: field.name for field in contract.fields}
        named = contract.type.schema
        self._kinds = named.get("examples") or named.get("enum") or [OPENING, SCROLL, CLOSING]
        self._between = [kind for kind in self._kinds if kind != CLOSING] or self._kinds

    def events(self) -> Iterator[dict[str, Any]]:
        """Events of all visits on one simulated clock, without end."""
        return (self._act(visit, planned) for planned, visit in self._turns())

    def live_events(self) -> Iterator[dict[str, Any]]:
        """The same, each event with the time at which it is requested.

        The simulated clock would drift: by minutes a day, and permanently with every pause of the sender.
        """
        now = self._start
        for _, visit in self._turns():
            now = max(now, datetime.now(UTC))
            yield self._act(visit, now)

    def _turns(self) -> Iterator[tuple[datetime, _Visit]]:
        """The next visit to act, and its planned time."""
        turns = counting()
        agenda = [
            (self._later(self._start), next(turns), self._arrive(self._start)) for _ in range(self._size)
        ]
        heapq.heapify(agenda)
        while True:
            now, _, visit = heapq.heappop(agenda)
            yield now, visit
            following = visit if visit.remaining else self._arrive(now)
            heapq.heappush(agenda, (self._later(now), next(turns), following))

    def _later(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._rng.expovariate(1 / self._seconds_between))

    def _arrive(self, now: datetime) -> _Visit:
        return _Visit(
            started=now,
            user_id=f"u_{self._rng.randrange(_USERS):06d}",
            session_id=f"s_{self._rng.getrandbits(48):012x}",
            platform=self._value("PLATFORM", now),
            page_id=self._value("PAGE_ID", now),
            remaining=2 + int(self._rng.expovariate(1 / (_MEAN_STEPS - 2))),
        )

    def _value(self, column: str, now: datetime) -> Any:
        make = self._makers.get(column)
        return make(self._rng, now) if make else None

    def _act(self, visit: _Visit, now: datetime) -> dict[str, Any]:
        kind = self._next_kind(visit)
        if kind == OPENING and not visit.is_new:
            visit.page_id = self._value("PAGE_ID", now)
        if visit.is_new:
            visit.is_new, visit.started = False, now
        visit.remaining -= 1
        event_id = uuid.UUID(int=self._rng.getrandbits(128), version=4)
        known = {
            "EVENT_ID": str(event_id),
            "EVENT_TYPE": kind,
            "TIMESTAMP": rfc3339(now),
            "USER_ID": visit.user_id,
            "SESSION_ID": visit.session_id,
            "PAGE_ID": visit.page_id,
            "PLATFORM": visit.platform,
            "SESSION_DURATION": round((now - visit.started).total_seconds(), 3),
        }
        return {
            self._names[column]: known[column] if column in known else make(self._rng, now)
            for column, make in self._makers.items()
            if _ONLY_WITH.get(column, kind) == kind
        }

    def _next_kind(self, visit: _Visit) -> str:
        if visit.is_new and OPENING in self._kinds:
            return OPENING
        if visit.remaining == 1 and CLOSING in self._kinds:
            return CLOSING
        return str(self._rng.choice(self._between))
