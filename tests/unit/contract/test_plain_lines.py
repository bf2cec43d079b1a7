"""Lines that are read the quick way are read as they would be with care, or with care."""

from __future__ import annotations

import json
from itertools import chain
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import DocumentFinder, finding
from contract.reading import read_plain

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3),
    max_leaves=10,
)
EVENTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


LINES = st.lists(
    EVENTS.map(compact) | EVENTS.map(json.dumps) | VALUES.map(compact) | st.text(max_size=10), max_size=6
)


def found_in(text: str) -> str:
    finder = DocumentFinder()
    # As text, since 1 == 1.0 == True and 0.0 == -0.0.
    return repr([*chain(finder.feed(text), finder.close())])


def found_with_care(text: str) -> str:
    with patch.object(finding, "read_plain", lambda line: None):
        return found_in(text)


@given(lines=LINES, end=st.sampled_from(["", "\n", "\r\n", "\n\n ", "]\n", "[{}\n"]))
@settings(deadline=None)
def test_any_text_is_read_as_with_care(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    assert found_in(text) == found_with_care(text)


REFUSED = [
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":1}}',
    '{"a":12345678901234567890123456789012345678901}',
    '{"a":0.12345678901234567890}',
    '{"a":5e-324}',
    '{"a":1e999}',
    '{"a":NaN}',
    '{"a":"\\u0000"}',
    '{"a":"\\ud800"}',
    '{"a":"\udc80"}',
    '{"a":-0}',
    '{"a":1} {"b":2}',
    '{"a":1}x',
    '{"a":1',
    '{"a":' * 501 + "1" + "}" * 501,
]


@pytest.mark.parametrize("line", REFUSED, ids=[line[:24] for line in map(ascii, REFUSED)])
def test_whatever_could_change_is_read_with_care(line: str) -> None:
    assert read_plain(line) is None
    text = f'{{"z":1}}\n{line}\n{{"z":2}}\n'
    assert found_in(text) == found_with_care(text)


def test_a_line_as_most_producers_write_it_is_read_the_quick_way() -> None:
    event = {"id": "a", "n": 1.5, "big": 2**64 - 1, "text": 'é "quoted"', "list": [{"x": None}, -0.0]}
    assert read_plain(orjson.dumps(event).decode()) == event
