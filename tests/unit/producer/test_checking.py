"""Every line is an event, blank, or rejected with a reason that says how to fix it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from contract import EventContract
from producer import Checker, Event, Line, Reject, validator
from producer.checking import _without_repeats

LIMIT = 1_024_000
GOOD = {"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}


@pytest.fixture(scope="module", name="checker")
def _checker() -> Checker:
    return Checker(contract.load(), max_bytes=LIMIT)


def line(data: bytes, number: int = 7) -> Line:
    return Line(number, data, len(data))


def reason(checker: Checker, data: bytes | dict[str, Any]) -> str:
    raw = json.dumps(data).encode() if isinstance(data, dict) else data
    verdict = checker.check(line(raw))
    assert isinstance(verdict, Reject), verdict
    assert verdict.line == 7
    return verdict.reason


def test_an_event_passes_byte_for_byte(checker: Checker) -> None:
    raw = b'{"event_id" : "e1",  "event_type":"click","timestamp":"2026-11-22T10:15:30Z","new":{"a":[1.50,null]}}'
    assert checker.check(line(b" \t" + raw + b"\r")) == Event(7, "e1", raw)


@pytest.mark.parametrize("raw", [b"", b"   ", b"\t\r"])
def test_blank_lines_are_neither_events_nor_rejects(checker: Checker, raw: bytes) -> None:
    assert checker.check(line(raw)) is None


def test_a_byte_order_mark_is_accepted_in_the_first_line(checker: Checker) -> None:
    raw = json.dumps(GOOD).encode()
    assert checker.check(line(b"\xef\xbb\xbf" + raw, 1)) == Event(1, "e1", raw)
    assert checker.check(line(b"\xef\xbb\xbf", 1)) is None
    assert isinstance(checker.check(line(b"\xef\xbb\xbf" + raw, 2)), Reject)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22T10:15:30Z",
        "2026-11-22t10:15:30.123456789z",
        "2026-11-22T10:15:30+05:30",
        "2016-12-31T23:59:60Z",
        "2024-02-29T00:00:00-00:00",
    ],
)
def test_rfc3339_moments_pass(checker: Checker, moment: str) -> None:
    assert isinstance(checker.check(line(json.dumps(GOOD | {"timestamp": moment}).encode())), Event)


@pytest.mark.parametrize(
    "moment",
    [
        "yesterday",
        "",
        "2026-11-22",
        "2026-11-22T10:15:30",
        "2026-11-22 10:15:30Z",
        "2026-11-22T10:15Z",
        "2026-02-30T10:15:30Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:15:30+0530",
        "1795342530",
    ],
)
def test_other_moments_fail(checker: Checker, moment: str) -> None:
    assert reason(checker, GOOD | {"timestamp": moment}) == (
        f'field \'timestamp\': "{moment}" is not a "date-time"; allowed: RFC 3339 such as 2026-11-22T10:15:30Z'
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"event_id": 5}, "field 'event_id': 5 is not of type \"string\""),
        ({"event_id": ""}, "field 'event_id': \"\" is shorter than 1 character"),
        ({"scroll_depth": 101}, "field 'scroll_depth': 101 is greater than the maximum of 100"),
        ({"scroll_depth": "half"}, 'field \'scroll_depth\': "half" is not of types "null", "integer"'),
        ({"session_duration": -0.5}, "field 'session_duration': -0.5 is less than the minimum of 0"),
        ({"properties": [1]}, 'field \'properties\': [1] is not of types "null", "object"'),
        ({"LOADED_AT": 1}, 'field "LOADED_AT": the pipe fills column LOADED_AT itself; use another name'),
        ({"User_ID": "u"}, "field \"User_ID\": must be written 'user_id'"),
        ({"new": 1, "New": 2}, 'field "New": differs from "new" in case only'),
    ],
)
def test_a_broken_rule_is_named_with_field_value_and_what_is_allowed(
    checker: Checker, change: dict[str, Any], expected: str
) -> None:
    assert reason(checker, GOOD | change) == expected


def test_missing_fields_are_named(checker: Checker) -> None:
    assert reason(checker, {"event_id": "e"}) == (
        "field 'event_type': missing, but required; field 'timestamp': missing, but required"
    )


def test_long_values_are_shortened(checker: Checker) -> None:
    assert len(reason(checker, GOOD | {"timestamp": "x" * 100_000})) < 250


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"{", "not JSON: Expecting property name"),
        (b"{} {}", "not JSON: Extra data at character 4"),
        (b"hello", "not JSON: Expecting value at character 1"),
        (b"[1, 2]", "not an event: a JSON object is needed, got [1, 2]"),
        (b"null", "not an event: a JSON object is needed, got null"),
        (b'{"a": "\xff"}', "not UTF-8 text: 0xff at byte 8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 text"),
        (b'{"a": NaN}', "not JSON: NaN is no JSON number"),
        (b'{"a": -Infinity}', "not JSON: -Infinity is no JSON number"),
        (b'{"a": 1, "a": 2}', 'field "a": given twice in one object'),
        (b'{"a": "\\ud800"}', "not Unicode text"),
        (b'{"\\udc00": 1}', "not Unicode text"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_lines_that_are_not_json_objects(checker: Checker, raw: bytes, expected: str) -> None:
    assert expected in reason(checker, raw)


def test_a_paired_surrogate_is_text(checker: Checker) -> None:
    raw = json.dumps(GOOD | {"page_id": "/😀"}).encode()
    assert b"\\ud83d" in raw
    assert isinstance(checker.check(line(raw)), Event)


def test_an_event_may_be_as_large_as_a_record_and_no_larger(checker: Checker) -> None:
    def padded(size: int) -> bytes:
        bare = json.dumps(GOOD | {"page_id": ""}).encode()
        return bare.replace(b'"page_id": ""', b'"page_id": "%s"' % (b"x" * (size - len(bare))))

    assert isinstance(checker.check(line(padded(LIMIT) + b"   ")), Event)
    assert (
        reason(checker, padded(LIMIT + 1))
        == "too large: 1,024,001 bytes; one event may have at most 1,024,000"
    )


def test_a_line_cut_by_the_reader_is_judged_by_its_whole_size(checker: Checker) -> None:
    verdict = checker.check(Line(7, b'{"a": "xxx', 5_000_000))
    assert isinstance(verdict, Reject)
    assert verdict.reason.startswith("too large: 5,000,000 bytes")


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_no_bytes_crash_the_checker(raw: bytes) -> None:
    verdict = CHECKER.check(line(raw))
    assert verdict is None or isinstance(verdict, Reject)


@given(
    st.dictionaries(
        st.sampled_from(
            ["event_id", "event_type", "timestamp", "scroll_depth", "properties", "Event_Id", "x"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    )
)
def test_no_json_crashes_the_checker(event: dict[str, Any]) -> None:
    raw = json.dumps(event).encode()
    verdict = CHECKER.check(line(raw))
    assert isinstance(verdict, Event | Reject)
    if isinstance(verdict, Event):
        assert verdict.data == raw
    else:
        assert verdict.reason


def test_a_contract_without_the_event_id_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text('{"title": "t", "type": "object", "properties": {"event_id": {"type": "string"}}}')
    with pytest.raises(ValueError, match="must require a field 'event_id'"):
        validator(contract.load(file))


def test_the_validator_checks_formats(click_event: EventContract) -> None:
    assert validator(click_event).is_valid(GOOD)
    assert not validator(click_event).is_valid(GOOD | {"timestamp": "noon"})


CHECKER = Checker(contract.load(), max_bytes=LIMIT)


class Name(str):
    """A name that counts comparisons."""

    compared = 0
    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)


def test_a_duplicate_among_many_names_is_found_in_linear_time() -> None:
    """A line of one megabyte has room for 100,000 names; comparing all pairs would take minutes."""
    names = [Name(f"name{number}") for number in range(2_000)]
    with pytest.raises(ValueError, match='"name1999": given twice'):
        _without_repeats([(name, None) for name in [*names, Name("name1999")]])
    assert Name.compared < 10 * len(names)
