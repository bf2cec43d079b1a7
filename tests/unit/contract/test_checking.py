"""An event passes if it follows its contract and a row can hold it; else the reason says how to fix it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from contract import Checker, Reason, Unlisted
from tests.unit.contract.finding import document

GOOD = {"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}
CHECKERS: dict[Unlisted, Checker] = {
    "folded": Checker(contract.load(), unlisted="folded"),
    "column": Checker(contract.load(), unlisted="column"),
    "left out": Checker(contract.load(), unlisted="left out"),
}
OWN = {
    "title": "Own",
    "type": "object",
    "required": ["messageId", "event_type", "timestamp"],
    "properties": {
        "messageId": {"type": "string", "x-column": "EVENT_ID"},
        "event_type": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "size": {"type": "integer"},
        "share": {"type": ["number", "null"]},
        "kind": {"type": "object", "enum": [{}]},
    },
}


def flaws(event: dict[str, Any] | str, unlisted: Unlisted = "folded") -> list[str]:
    text = event if isinstance(event, str) else json.dumps(event)
    return [flaw.text for flaw in CHECKERS[unlisted].check(document(text))]


def own_flaws(**fields: Any) -> list[tuple[Reason, str]]:
    event = {name: value for name, value in GOOD.items() if name != "event_id"} | {"messageId": "m"} | fields
    return [
        (flaw.reason, flaw.text) for flaw in Checker(contract.parse(OWN)).check(document(json.dumps(event)))
    ]


@pytest.mark.parametrize("unlisted", CHECKERS)
def test_an_event_passes(unlisted: Unlisted) -> None:
    assert flaws(GOOD | {"new": {"A": [1.5, None]}, "properties": {"deep": {}}}, unlisted) == []


@pytest.mark.parametrize(
    "moment", ["2026-11-22T10:15:30Z", "2026-11-22T10:15:30.123456789+05:30", "2024-02-29T00:00:00-00:00"]
)
def test_rfc3339_moments_pass(moment: str) -> None:
    assert flaws(GOOD | {"timestamp": moment}) == []


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
def test_other_moments_fail(moment: str) -> None:
    assert flaws(GOOD | {"timestamp": moment}) == [
        f'field \'timestamp\': "{moment}" is not a "date-time"; allowed: RFC 3339 such as 2026-11-22T10:15:30Z'
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"event_id": 5}, "field 'event_id': 5 is not of type \"string\""),
        ({"event_id": ""}, "field 'event_id': \"\" is shorter than 1 character"),
        ({"scroll_depth": 101}, "field 'scroll_depth': 101 is greater than the maximum of 100"),
        ({"scroll_depth": "half"}, 'field \'scroll_depth\': "half" is not of types "null", "integer"'),
        ({"session_duration": -0.5}, "field 'session_duration': -0.5 is less than the minimum of 0"),
        ({"properties": [1]}, 'field \'properties\': [1] is not of types "null", "object"'),
        (
            {"timestamp": "2016-12-31T23:59:60Z"},
            "field 'timestamp': \"2016-12-31T23:59:60Z\": a leap second, which Snowflake does not have; send second 59 "
            "or the next minute",
        ),
        (
            {"timestamp": "0000-01-01T00:00:00Z"},
            "field 'timestamp': \"0000-01-01T00:00:00Z\": year 0, which Snowflake does not have",
        ),
    ],
)
def test_a_broken_rule_is_named_with_field_value_and_what_is_allowed(
    change: dict[str, Any], expected: str
) -> None:
    assert flaws(GOOD | change) == [expected]


def test_missing_fields_are_named() -> None:
    assert flaws({"event_id": "e"}) == [
        "field 'event_type': missing, but required",
        "field 'timestamp': missing, but required",
    ]


def test_only_the_first_few_broken_rules_are_named() -> None:
    assert len(flaws({"scroll_depth": 101, "page_id": 1, "user_id": 2, "platform": 3})) == 3


def test_long_values_and_names_are_shortened() -> None:
    assert len(flaws(GOOD | {"timestamp": "x" * 100_000})[0]) < 250
    assert all(len(flaw) < 250 for flaw in flaws(GOOD | {"x" * 100_000: 1, "X" * 100_000: 2}, "column"))


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("oops", Reason.NOT_JSON, "not JSON: Expecting value at character 1"),
        ("null", Reason.NOT_AN_EVENT, "not an event: a JSON object is needed, got null"),
        ('"x"', Reason.NOT_AN_EVENT, 'not an event: a JSON object is needed, got "x"'),
        ('{"a": "\udcff"}', Reason.NOT_UTF8, "not UTF-8 text: 0xff at byte 8"),
        ('{"\u00e9": "\udcc3"}', Reason.NOT_UTF8, "not UTF-8 text: 0xc3 at byte 9"),
        ("\udcff\udcfe{", Reason.NOT_UTF8, "not UTF-8 text: 0xff at byte 1"),
        ('{"a": 1, "a": 2}', Reason.NAME, 'field "a": given twice in one object'),
    ],
)
def test_texts_that_are_no_event(text: str, reason: Reason, message: str) -> None:
    (flaw,) = CHECKERS["folded"].check(document(text))
    assert (flaw.reason, flaw.text) == (reason, message)


def test_unicode_is_text() -> None:
    assert flaws(GOOD | {"page_id": "/😀", "é": "\ufeff"}) == []
    assert flaws(json.dumps(GOOD | {"page_id": "/😀"}, ensure_ascii=False)) == []


@pytest.mark.parametrize("deep", ['{"a":' * 300 + "1" + "}" * 300, "[" * 300 + "]" * 300])
@pytest.mark.parametrize("field", ["properties", "new"])
def test_300_levels_pass(field: str, deep: str) -> None:
    deep = f'{{"deep": {deep}}}'
    assert flaws(f'{json.dumps(GOOD)[:-1]}, "{field}": {deep}}}') == []


def test_a_value_too_deep_for_the_validator_is_a_flaw() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    assert own_flaws(kind=deep) == [(Reason.NOT_JSON, "not JSON that can be read: nested too deeply")]
    assert own_flaws(kind={}) == []


def test_values_of_an_own_contract() -> None:
    assert own_flaws(size=10**37, share=2**53, day="0001-01-01") == []
    assert own_flaws(size=1e20, share=2**53 + 1, day="0000-01-01") == [
        (Reason.VALUE, "field 'day': \"0000-01-01\": year 0, which Snowflake does not have"),
        (Reason.VALUE, "field 'size': 1e+20: write so large an integer without a point or exponent"),
        (Reason.VALUE, "field 'share': 9007199254740993: has more digits than a column keeps"),
    ]


@pytest.mark.parametrize("unlisted", CHECKERS)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("User_ID", 'field "User_ID": differs from "user_id" in case only'),
        ("EVENT_ID", 'field "EVENT_ID": differs from "event_id" in case only'),
        ("", "a field without a name"),
    ],
)
def test_names_that_have_no_place_in_any_mode(unlisted: Unlisted, name: str, expected: str) -> None:
    assert expected in flaws(GOOD | {name: 1}, unlisted)


WIDE = {f"name{number}": number for number in range(101)}


@pytest.mark.parametrize(
    ("fields", "folded", "column", "left_out"),
    [
        ({"new": 1, "New": 2}, [], ['field "New": differs from "new" in case only'], []),
        (
            {"Source_File": 1},
            [],
            ['field "Source_File": column SOURCE_FILE is filled by the pipe'],
            ['field "Source_File": column SOURCE_FILE is filled by the pipe'],
        ),
        ({"x" * 255: 1}, [], [], []),
        ({"x" * 256: 1}, [], [f'field "{"x" * 78}…: 256 characters, and a column has at most 255'], []),
        ({"é" * 255: 1}, [], [], []),
        (WIDE, [], ["101 fields that the contract does not list, and a load adds at most 100"], []),
        (dict.fromkeys(list(WIDE)[:100], 1), [], [], []),
        (
            {"utm": 1, "properties": {"utm": 2}},
            ["field \"utm\": not in the contract, and in 'properties' already"],
            [],
            [],
        ),
        ({"utm": 1, "properties": {"UTM": 2}}, [], [], []),
        ({"utm": 1, "properties": None}, [], [], []),
        ({"$set": 1, "a.b": 2, " ": 3}, [], [], []),
    ],
)
def test_unlisted_names_by_their_fate(
    fields: dict[str, Any], folded: list[str], column: list[str], left_out: list[str]
) -> None:
    assert [flaws(GOOD | fields, unlisted) for unlisted in ("folded", "column", "left out")] == [
        folded,
        column,
        left_out,
    ]


def test_without_an_object_for_the_rest_no_field_can_be_folded() -> None:
    assert own_flaws(new=1) == [
        (Reason.NAME, 'field "new": not in the contract, which has no field for the rest')
    ]


def test_the_name_of_a_renamed_fields_column_is_free() -> None:
    with_rest = OWN | {"properties": OWN["properties"] | {"properties": {"type": "object"}}}  # type: ignore[operator]
    event = {
        "messageId": "m",
        "event_type": "click",
        "timestamp": "2026-11-22T10:15:30Z",
        "event_id": "theirs",
    }
    assert Checker(contract.parse(with_rest)).check(document(json.dumps(event))) == []


def test_the_validator_checks_formats() -> None:
    validator = contract.validator(contract.load())
    assert validator.is_valid(GOOD)
    assert not validator.is_valid(GOOD | {"timestamp": "noon"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["event_id", "event_type", "timestamp", "scroll_depth", "properties", "Event_Id", "x", ""]
)


@given(st.dictionaries(NAMES, JSON), st.sampled_from(sorted(CHECKERS)))
def test_no_json_crashes_the_check(event: dict[str, Any], unlisted: Unlisted) -> None:
    assert all(flaws(event, unlisted))
