"""JSON is read so that no value changes silently: what a row would not give back is a flaw."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import Reason
from contract.reading import JsonReader, _repeated


def flaws(text: str) -> list[tuple[Reason, str]]:
    _, end, found = JsonReader().read(text, 0)
    assert end == len(text)
    return [tuple(flaw) for flaw in found]  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    [
        "9" * 38,
        "-" + "9" * 38,
        "0",
        "-0",
        "0.1",
        "-0.0",
        "1e308",
        "1E-300",
        "0e-400",
        "0.30000000000000004",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "123456789.125000000000000",
        '"\\u0041\\\\u0000 \\ud83d\\ude00"',
        '"\u00e9"',
        "[" * 499 + "]" * 499,
        '"' + "[" * 501 + '"',
        "[" + ",".join(["[{}]"] * 501) + "]",
        '{"a": {"a": 1}, "A": 2}',
    ],
)
def test_values_that_stay_the_same(text: str) -> None:
    assert flaws(text) == []


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("1" * 39, Reason.VALUE, f"{'1' * 29}…: 39 digits, and a column holds at most 38"),
        ("-" + "1" * 39, Reason.VALUE, f"-{'1' * 28}…: 39 digits, and a column holds at most 38"),
        ("1" * 5000, Reason.VALUE, f"{'1' * 29}…: 5000 digits, and a column holds at most 38"),
        ("1e400", Reason.VALUE, "1e400 is too large for a number"),
        ("-1e400", Reason.VALUE, "-1e400 is too large for a number"),
        ("1e-400", Reason.VALUE, "1e-400 is too small for a number"),
        ("4.9e-324", Reason.VALUE, "4.9e-324 is too small for a number"),
        (
            "0.1234567890123456789",
            Reason.VALUE,
            "0.1234567890123456789 has more digits than a column keeps: it would be 0.12345678901234568",
        ),
        ("12345678901234567.5", Reason.VALUE, None),
        ("NaN", Reason.NOT_JSON, "not JSON: NaN is no JSON number; use null"),
        ("-Infinity", Reason.NOT_JSON, "not JSON: -Infinity is no JSON number; use null"),
        ('"a\\u0000b"', Reason.VALUE, "a text or name with a NUL character (\\u0000)"),
        ('"\\\\\\u0000"', Reason.VALUE, "a text or name with a NUL character (\\u0000)"),
        ('"\\ud800"', Reason.NOT_UTF8, "not Unicode text: an escape such as \\ud800 without its other half"),
        ('"\\ude00\\ud83d"', Reason.NOT_UTF8, None),
        ("[" * 501 + "]" * 501, Reason.NOT_JSON, "not JSON that can be read: more than 500 levels deep"),
        (
            '{"a":' * 501 + "1" + "}" * 501,
            Reason.NOT_JSON,
            "not JSON that can be read: more than 500 levels deep",
        ),
        ('["\\u0041",' + "[" * 700 + "]" * 701, Reason.NOT_JSON, None),
    ],
)
@pytest.mark.parametrize("around", ["{}", '{{"a": [{}, 1]}}'])
def test_values_that_would_change(text: str, reason: Reason, message: str | None, around: str) -> None:
    found = flaws(around.format(text))
    assert [one for one, _ in found] == [reason]
    if message is not None and around == "{}":
        assert found[0][1] == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": 2, "a": 3}', 'field "a": given twice in one object'),
        ('{"x": [{"": 1, "": 1}]}', 'field "": given twice in one object'),
        ('{"a": 1, "\\u0061": 1}', 'field "a": given twice in one object'),
    ],
)
def test_a_name_given_twice(text: str, message: str) -> None:
    assert flaws(text) == [(Reason.NAME, message)]


@pytest.mark.parametrize("name", ['"a\\u0000"', '"\\ud800"'])
def test_names_are_read_like_texts(name: str) -> None:
    assert flaws(f'{{"deep": {{{name}: 1}}}}') == flaws(name)


def test_every_flaw_is_noted_and_none_stays_for_the_next_document() -> None:
    reader = JsonReader()
    assert len(reader.read("[1e400, NaN]", 0)[2]) == 2
    assert reader.read("[1]", 0)[2] == []


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**38) + 1, 10**38 - 1))
def test_a_number_is_either_exact_or_a_flaw(number: float) -> None:
    text = json.dumps(number)
    value, _, found = JsonReader().read(text, 0)
    assert found or (value == number and json.dumps(value) == text)
    if isinstance(number, int) or number == 0 or abs(number) > 1e-307:
        assert not found


@pytest.mark.parametrize("text", ["", "{", '{"a"', '"x', "[1,", "tru", "[" * 100_000, '{"a":' * 100_000])
def test_a_text_without_a_whole_document(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        JsonReader().read(text, 0)


class Name(str):
    """A name that counts comparisons."""

    compared = 0
    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)


def test_a_duplicate_among_many_names_is_found_in_linear_time() -> None:
    """A document of one megabyte has room for 100,000 names; comparing all pairs would take minutes."""
    names: list[Any] = [Name(f"name{number}") for number in range(2_000)]
    assert _repeated([(name, None) for name in [*names, Name("name1999")]]) == "name1999"
    assert Name.compared < 10 * len(names)
