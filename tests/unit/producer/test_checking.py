"""Every document is an event that is sent as it is, or a reject with its reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from producer import DocumentChecker, Event, Reject
from tests.unit.producer.conftest import documents_of

LIMIT = 1_024_000
GOOD = {"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}
CHECKER = DocumentChecker(contract.load(), max_bytes=LIMIT)


def verdict(text: bytes, checker: DocumentChecker = CHECKER) -> Event | Reject:
    (found,) = documents_of(b"\n" * 6 + text)
    return checker.check(found)


def padded(size: int) -> bytes:
    bare = json.dumps(GOOD | {"page_id": ""}).encode()
    return bare.replace(b'"page_id": ""', b'"page_id": "%s"' % (b"x" * (size - len(bare))))


def test_an_event_passes_byte_for_byte() -> None:
    raw = b'{"event_id" : "e1",  "event_type":"click","timestamp":"2026-11-22T10:15:30Z","new":{"a":[1.50,"\xc3\xa9"]}}'
    assert verdict(b" \t" + raw + b"\r") == Event(7, "e1", raw)


def test_an_event_over_several_lines_is_sent_on_one() -> None:
    sent = verdict(json.dumps(GOOD, indent=2).encode())
    assert sent == Event(7, "e1", json.dumps(GOOD, separators=(",", ":")).encode())


def test_a_reject_has_all_reasons_and_its_bytes() -> None:
    assert verdict(b'{"event_id": 5, "event_type": "click", "timestamp": "noon"}') == Reject(
        7,
        'field \'event_id\': 5 is not of type "string"; field \'timestamp\': "noon" is not a "date-time"; allowed: '
        "RFC 3339 such as 2026-11-22T10:15:30Z",
        b'{"event_id": 5, "event_type": "click", "timestamp": "noon"}',
    )
    assert verdict(b'{"a": "\xff"}') == Reject(7, "not UTF-8 text: 0xff at byte 8", b'{"a": "\xff"}')


def test_an_event_may_be_as_large_as_a_record_and_no_larger() -> None:
    assert isinstance(verdict(padded(LIMIT) + b"   "), Event)
    rejected = verdict(padded(LIMIT + 1))
    assert isinstance(rejected, Reject)
    assert rejected.reason == "too large: 1,024,001 bytes; one event may have at most 1,024,000"


def test_the_size_is_that_of_the_line_that_is_sent() -> None:
    spread = json.dumps(json.loads(padded(LIMIT)), indent=9).encode()
    assert len(spread) > LIMIT
    assert isinstance(verdict(spread), Event)


@pytest.mark.parametrize(("unlisted", "passes"), [("folded", True), ("column", False), ("left out", True)])
def test_names_are_judged_by_the_fate_of_unlisted_fields(unlisted: contract.Unlisted, passes: bool) -> None:
    checker = DocumentChecker(contract.load(), max_bytes=LIMIT, unlisted=unlisted)
    assert isinstance(verdict(json.dumps(GOOD | {"a": 1, "A": 2}).encode(), checker), Event) == passes


def test_the_id_of_an_event_is_that_of_its_contract() -> None:
    own = contract.parse(
        {
            "title": "Own",
            "type": "object",
            "required": ["messageId", "event_type", "timestamp"],
            "properties": {
                "messageId": {"type": "string", "x-column": "EVENT_ID"},
                "event_type": {"type": "string"},
                "timestamp": {"type": "string", "format": "date-time"},
            },
        }
    )
    raw = b'{"messageId": "m1", "event_type": "x", "timestamp": "2026-11-22T10:15:30Z"}'
    assert verdict(raw, DocumentChecker(own, max_bytes=LIMIT)) == Event(7, "m1", raw)


@pytest.mark.parametrize("levels", [400, 600, 900, 100_000])
def test_deep_documents_are_judged_like_others(levels: int) -> None:
    raw = (
        json.dumps(GOOD)[:-1].encode()
        + b',\n"new": "\\u0041", "deep": '
        + b"[" * levels
        + b"]" * levels
        + b"}"
    )
    found = documents_of(raw)
    assert isinstance(CHECKER.check(found[0]), Event if levels < 500 else Reject)


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_no_bytes_crash_the_checker(raw: bytes) -> None:
    for found in documents_of(raw):
        judged = CHECKER.check(found)
        assert isinstance(judged, Reject)
        assert judged.reason
        assert judged.data == found.text.encode("utf-8", "surrogateescape")
