"""Ten ways to be no event, each with its reason as this package sees it: nothing here asks the contract.

Every text, except an empty one, contains its event's id, by which it is found again wherever it ends up.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
DEEP = 3_000


@dataclass(frozen=True)
class Malformed:
    """A text that is no event.

    Attributes:
        data: its bytes.
        reason: the gate's word for it; empty if it is no reject either.
        says: a part of the message for the sender.
        kept: the bytes that a reject shows; of an array, its element.
        loads: True if a load past the gate would not refuse it.
    """

    data: bytes
    reason: str
    says: str
    kept: bytes = b""
    loads: bool = False


Make = Callable[[Event, random.Random], Malformed]


def _broken_json(event: Event, rng: random.Random) -> Malformed:
    text = _text(event)
    broken = (
        text[: rng.randrange(text.index('"event_type"'), len(text) - 1)],
        f"{text[:-1]},}}",
        text.replace('"', "'"),
        f"{text[:-1]} 'x'}}",
        f"{event['event_id']},page_view,2026-11-22T10:15:30Z",
    )
    return Malformed(rng.choice(broken).encode(), "not_json", "not JSON")


def _wrong_type(event: Event, rng: random.Random) -> Malformed:
    values: tuple[Event, ...] = (
        {"scroll_depth": "deep"},
        {"session_duration": "long"},
        {"timestamp": "yesterday"},
        {"timestamp": {}},
        {"scroll_depth": [1]},
    )
    return Malformed(_text(event | rng.choice(values)).encode(), "contract", "is not")


def _missing_key(event: Event, rng: random.Random) -> Malformed:
    missing = rng.choice(["event_id", "event_type", "timestamp"])
    kept = {name: value for name, value in event.items() if name != missing}
    return Malformed(
        _text(kept).encode(), "contract", f"field {missing!r}: missing, but required", loads=True
    )


def _huge_value(event: Event, rng: random.Random) -> Malformed:
    text = _text(event)[:-1]
    return rng.choice(
        (
            Malformed(f'{text},"session_duration":1e999}}'.encode(), "value", "too large for a number"),
            Malformed(
                f'{text},"n":-1{"0" * 400}.5}}'.encode(), "value", "too large for a number", loads=True
            ),
            Malformed(f'{text},"scroll_depth":{10**40}}}'.encode(), "value", "at most 38"),
        )
    )


def _bomb(event: Event, _: random.Random) -> Malformed:
    """A record of a few kilobytes that decompresses to more than a function can answer."""
    data = gzip.compress(_text(event | {"extra": "x" * 5_000_000}).encode(), mtime=0)
    return Malformed(data, "too_large", "too large")


def _duplicate_key(event: Event, rng: random.Random) -> Malformed:
    text = _text(event)[:-1]
    more = rng.choice(('"event_type":"click"', '"extra":{"a":1,"b":2,"a":1}'))
    return Malformed(f"{text},{more}}}".encode(), "name", "given twice")


def _nul_or_not_utf8(event: Event, rng: random.Random) -> Malformed:
    text = _text(event)[:-1].encode()
    return rng.choice(
        (
            Malformed(text + rb',"extra":"a\u0000b"}', "value", "NUL"),
            Malformed(text + b',"extra":"a\0b"}', "not_json", "not JSON"),
            Malformed(text + b',"extra":"a\xffb"}', "not_utf8", "not UTF-8"),
            Malformed(text + b',"extra":"\xed\xa0\x80"}', "not_utf8", "not UTF-8"),
            Malformed(text + rb',"extra":"\ud800"}', "not_utf8", "not Unicode"),
        )
    )


def _array(event: Event, rng: random.Random) -> Malformed:
    """Not an array of events, which is how some senders batch them."""
    element = json.dumps(rng.choice((event["event_id"], [event]))).encode()
    return Malformed(b"[%s]" % element, "not_an_event", "not an event", kept=element)


def _deep_nesting(event: Event, rng: random.Random) -> Malformed:
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    inner = f"{opening * DEEP}1{closing * DEEP}"
    return Malformed(f'{_text(event)[:-1]},"extra":{inner}}}'.encode(), "not_json", "deep", loads=True)


def _wrong_encoding(event: Event, rng: random.Random) -> Malformed:
    text = _text(event | {"page_id": "/caf\xe9"})
    return rng.choice(
        (
            Malformed(text.encode("latin-1"), "not_utf8", "not UTF-8"),
            Malformed(b"\xff\xfe" + text.encode("utf-16-le"), "not_utf8", "not UTF-8"),
            Malformed(_text(event).encode("utf-16-be"), "not_json", "not JSON"),
        )
    )


def _empty_line(_: Event, rng: random.Random) -> Malformed:
    return Malformed(rng.choice([b"", b" ", b"\t", b"  \r"]), "", "")


WAYS: Mapping[str, Make] = {
    "broken JSON": _broken_json,
    "wrong type": _wrong_type,
    "missing key": _missing_key,
    "huge value": _huge_value,
    "duplicate key": _duplicate_key,
    "NUL or not UTF-8": _nul_or_not_utf8,
    "array": _array,
    "deep nesting": _deep_nesting,
    "wrong encoding": _wrong_encoding,
    "empty line": _empty_line,
}
EMPTY = "empty line"
BOMB: Make = _bomb


def _text(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
