"""Everything that is sent, and what must become of it: the same for the same seed."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.chaos.malformed import BOMB, EMPTY, WAYS, Malformed

Path = Literal["producer", "stream", "lake"]

_SENT_TWICE = 100  # one event in so many
_MALFORMED = 100  # one text in so many
_LINES_PER_FILE = 60


@dataclass(frozen=True)
class Bad:
    """A malformed text, the way it is malformed, and the path it takes."""

    way: str
    path: Path
    text: Malformed


@dataclass
class Plan:
    """All texts of a run.

    Attributes:
        run: the beginning of every id.
        file: pieces of the file for `clickstream send`, each of one or more lines.
        records: records for the stream, past the producer.
        objects: contents of files for the lake, past the gate.
        events: the ids of all events.
        bad: the malformed texts by the id in them; empty lines have no place here.
        twice: the number of events that are sent twice.
        empty: the number of empty lines.
    """

    run: str
    file: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    objects: list[bytes] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    bad: dict[str, Bad] = field(default_factory=dict)
    twice: int = 0
    empty: int = 0

    @property
    def texts(self) -> int:
        """The number of all texts."""
        return len(self.events) + self.twice + len(self.bad) + self.empty


def make_plan(run: str, count: int, rng: random.Random) -> Plan:
    """Plan `count` texts."""
    plan = Plan(run)
    texts: dict[Path, list[bytes]] = {"producer": [], "stream": [], "lake": []}
    for number in range(count // _MALFORMED):
        way = list(WAYS)[number % len(WAYS)]
        event = _event(f"{run}-bad-{number}", rng)
        text = WAYS[way](event, rng)
        path = _path_of_malformed(number, text)
        texts[path].append(text.data)
        if way == EMPTY:
            plan.empty += 1
        else:
            plan.bad[event["event_id"]] = Bad(way, path, text)
    for number in range(count - count // _MALFORMED - count // _SENT_TWICE):
        event = _event(f"{run}-{number}", rng)
        plan.events.add(event["event_id"])
        copies = 2 if number % _SENT_TWICE == 0 else 1
        plan.twice += copies - 1
        for _ in range(copies):
            path = rng.choices(("producer", "stream", "lake"), weights=(14, 5, 1))[0]
            texts[path].append(_json(event))
    for some in texts.values():
        rng.shuffle(some)
    plan.file = list(_as_file(texts["producer"], rng))
    plan.records = list(_as_records(texts["stream"], rng))
    plan.objects = list(_as_objects(texts["lake"], rng))
    bomb = _event(f"{run}-bomb", rng)
    plan.bad[bomb["event_id"]] = Bad("huge value", "stream", BOMB(bomb, rng))
    plan.records.insert(len(plan.records) // 2, plan.bad[bomb["event_id"]].text.data)
    return plan


def _path_of_malformed(number: int, text: Malformed) -> Path:
    """Half of each way through the producer, and of the others every fifth past the gate."""
    turn = number // len(WAYS)
    if turn % 2 == 0:
        return "producer"
    return "lake" if turn % 10 == 1 and not text.loads else "stream"


def _event(event_id: str, rng: random.Random) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_id": event_id,
        "event_type": rng.choice(("page_view", "click", "scroll")),
        "timestamp": f"2026-11-{rng.randrange(1, 29):02d}T{rng.randrange(24):02d}:15:30.{rng.randrange(1000):03d}Z",
        "page_id": f"/{event_id}",
    }
    if rng.random() < 0.2:
        event["scroll_depth"] = rng.randrange(101)
    return event


def _as_file(texts: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Mostly lines; some events over several lines, some in an array."""
    yield b"\n"  # no text of another format begins the file
    for text in texts:
        if _is_event(text) and rng.random() < 0.01:
            event = json.loads(text)
            text = rng.choice((json.dumps(event, indent=1).encode(), b"[%s]" % text))
        yield text + b"\n"


def _as_records(texts: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Records of a few texts, one a line; some with gzip, some an array if all are events."""
    left = list(texts)
    while left:
        some = [left.pop() for _ in range(min(len(left), rng.choice((1, 2, 5, 20))))]
        match rng.randrange(5):
            case 0 if all(map(_is_event, some)):
                yield b"[%s]" % b",".join(some)
            case 1:
                yield gzip.compress(b"\n".join(some) + b"\n", mtime=0)
            case _:
                yield b"\n".join(some) or b"\n"


def _as_objects(texts: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Files of some lines; each malformed one costs a load the rest of its file."""
    left = list(texts)
    while left:
        some = [left.pop() for _ in range(min(len(left), rng.randrange(1, 2 * _LINES_PER_FILE)))]
        yield b"".join(text + b"\n" for text in some)


def _is_event(text: bytes) -> bool:
    return text.startswith(b"{") and b"-bad-" not in text


def _json(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
