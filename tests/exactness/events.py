"""Generated events of every shape, as good or bad by construction, and the records that foreign senders put them in."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

# Names that public trackers use, and others that are awkward for a column.
_NAMES = (
    *(
        "$set",
        "$set_once",
        "$schema",
        "$insert_id",
        "$browser",
        "@id",
        "a.b",
        "a b",
        "select",
        "order",
        "*",
        "%",
        '"',
        "'",
    ),
    *(
        "zip",
        "geo_zipcode",
        "Ünïcode",
        "名前",
        "\u2028",
        "x" * 256,
        "SOURCE_FILE",
        "loaded_at",
        "received_at",
        "1",
        "-",
    ),
)
_TEXTS = (
    "",
    " ",
    "null",
    "3067",
    "E2 8RS",
    "2026-11-22",
    "a\nb",
    "\t",
    '"',
    "\\",
    "Ünï",
    "\U0001f600",
    "\u2028",
    "\\u0000",
)
_BAD: tuple[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
    ("contract", lambda e: {**e, "scroll_depth": 101}),
    ("contract", lambda e: {name: value for name, value in e.items() if name != "event_type"}),
    ("contract", lambda e: {**e, "timestamp": "yesterday"}),
    ("value", lambda e: {**e, "timestamp": "2016-12-31T23:59:60Z"}),
    ("value", lambda e: {**e, "page_id": "a\0b"}),
    ("value", lambda e: {**e, "extra": 10**38}),
    ("name", lambda e: {**e, "Event_Id": "x"}),
    ("name", lambda e: {**e, "": 1}),
    ("name", lambda e: {**e, "doubled": 1, "properties": {"doubled": 2}}),
)
_BROKEN = (b"hello", b"{", b"]", b"\xff\xfe", b"a,b,c", b"12", b'{"a": NaN}', b"null")


@dataclass
class Sent:
    """All that was sent.

    Attributes:
        rows: the events that must be rows, by id.
        rejects: number of texts that must be rejects, by reason; "" for those that are no JSON in some way.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: dict[str, int] = field(default_factory=dict)


class Maker:
    """Makes events; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - a seeded sequence, and no secret
        self._number = 0
        self._seed = seed

    def good(self) -> dict[str, Any]:
        """An event that must be a row."""
        rng = self._rng
        self._number += 1
        moment = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=rng.randrange(2 * 10**15))
        zone = rng.choice(["Z", "+05:30", "-11:00", "+14:00", "-00:00"])
        event: dict[str, Any] = {
            "event_id": f"exact-{self._seed}-{self._number}",
            "event_type": rng.choice(["page_view", "Klick \U0001f600", "x" * 256]),
            "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S.%f}{zone}",
        }
        optional: dict[str, Callable[[], Any]] = {
            "user_id": lambda: rng.choice([None, *_TEXTS]),
            "page_id": lambda: rng.choice(_TEXTS),
            "scroll_depth": lambda: rng.choice([None, 0, 100, 50.0]),
            "session_duration": lambda: rng.choice([0, 0.1, 19.99, 1e300, 2.5e-10, 9007199254740991]),
            "properties": lambda: rng.choice([None, {}, {rng.choice("abc"): self._value(3)}]),
        }
        event |= {name: make() for name, make in optional.items() if rng.random() < 0.5}
        for name in rng.sample(_NAMES, rng.choice([0, 0, 0, 1, 5])):
            event[name] = self._value(2)
        return event

    def bad(self) -> tuple[str, dict[str, Any]]:
        """An event that must be a reject, with the reason."""
        reason, spoil = self._rng.choice(_BAD)
        return reason, spoil(
            {name: value for name, value in self.good().items() if name not in ("extra", "properties")}
        )

    def records(self, count: int, sent: Sent) -> Iterator[bytes]:
        """Records as foreign senders make them: of one event or several, good, bad and broken ones."""
        rng = self._rng
        for _ in range(count):
            events = []
            for _ in range(rng.choice([1, 1, 2, 5])):
                if rng.random() < 0.9:
                    events.append(self._noted(self.good(), sent))
                else:
                    reason, event = self.bad()
                    sent.rejects[reason] = sent.rejects.get(reason, 0) + 1
                    events.append(event)
            yield self._packed(events, sent)

    def _noted(self, event: dict[str, Any], sent: Sent) -> dict[str, Any]:
        sent.rows[event["event_id"]] = event
        return event

    def _packed(self, events: list[dict[str, Any]], sent: Sent) -> bytes:
        rng = self._rng
        texts = [json.dumps(event, ensure_ascii=rng.random() < 0.5).encode() for event in events]
        match rng.randrange(7):
            case 0:
                return b"[" + b",".join(texts) + b"]"
            case 1:
                return json.dumps(events, indent=1).encode()
            case 2:
                return b"".join(texts)
            case 3:
                return b"".join(gzip.compress(text + b"\n") for text in texts)
            case 4:
                sent.rejects[""] = sent.rejects.get("", 0) + 1
                return b"\n".join([*texts, rng.choice(_BROKEN)])
            case 5:
                return b"\r\n".join([*texts, b""])
            case _:
                return b"\n".join(texts)

    def _value(self, depth: int) -> Any:
        rng = self._rng
        kind = rng.randrange(9 if depth else 6)
        if kind > 6:
            return {rng.choice([*_NAMES, "a", "b"]): self._value(depth - 1) for _ in range(rng.randrange(3))}
        makers: list[Callable[[], Any]] = [
            lambda: None,
            lambda: rng.random() < 0.5,
            lambda: rng.choice(_TEXTS),
            lambda: rng.choice([0, -1, 2**53 + 1, 10**38 - 1, -(10**37), 3067]),
            lambda: rng.choice([0.1, -19.99, 12.5, 1e-7, 1e22, 1.7976931348623157e308, 2.5]),
            lambda: rng.choice(["2026-11-22T10:15:30Z", "true", "1e3"]),
            lambda: [self._value(depth - 1) for _ in range(rng.randrange(3))],
        ]
        return makers[kind]()
