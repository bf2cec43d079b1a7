from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.snowflake.loading.model import LoadError
from laptop.snowflake.loading.records import JsonRecord, read_records

# Integers of at most 38 digits; all texts but those with NUL.
WHOLE = st.integers(-(10**38) + 1, 10**38 - 1)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(TEXT, JSON, max_size=3), max_size=6)


def values(text: str, *, strip: bool = True, multi_line: bool = True) -> list[Any]:
    found = list(read_records(text, strip_outer_array=strip, multi_line=multi_line))
    assert all(isinstance(item, JsonRecord) for item in found), found
    return [item.value for item in found if isinstance(item, JsonRecord)]


def only_error(text: str, *, multi_line: bool = False) -> tuple[int, LoadError]:
    """The number of records before the error, which is the last thing read."""
    *records, error = read_records(text, strip_outer_array=True, multi_line=multi_line)
    assert isinstance(error, LoadError), error
    assert all(isinstance(record, JsonRecord) for record in records)
    return len(records), error


@given(OBJECTS, st.sampled_from(["\n", "", " ", "\r\n\n"]), st.sampled_from([None, 2]))
def test_consecutive_documents(objects: list[Any], between: str, indent: int | None) -> None:
    assert values(between.join(json.dumps(item, indent=indent) for item in objects)) == objects


@given(OBJECTS, st.sampled_from(["\n", "\r\n", " \n"]))
def test_a_document_a_line(objects: list[Any], between: str) -> None:
    assert values(between.join(map(json.dumps, objects)), multi_line=False) == objects


@given(OBJECTS)
def test_an_outer_array_is_stripped_if_requested(objects: list[Any]) -> None:
    for multi_line in (True, False):
        assert values(json.dumps(objects), multi_line=multi_line) == objects
    (error,) = read_records(json.dumps(objects), strip_outer_array=False)
    assert isinstance(error, LoadError)


@pytest.mark.parametrize("multi_line", [True, False])
@given(OBJECTS, st.sampled_from(["{bad", '{"a": }', "nonsense", '{"a": 1', '"open', "5", "[5]"]), st.data())
def test_a_line_that_is_not_json_costs_the_rest_of_its_file(
    multi_line: bool, objects: list[Any], bad: str, data: st.DataObject
) -> None:
    lines = [json.dumps(item) for item in objects]
    position = data.draw(st.integers(0, len(lines)))
    lines.insert(position, bad)
    before, error = only_error("\n".join(lines), multi_line=multi_line)
    assert (before, error.row) == (position, position + 1)


def test_an_open_record_swallows_the_next_lines_unless_a_record_is_a_line() -> None:
    joined = '{"a": [\n{"b": 1}\n]}'
    assert values(joined) == [{"a": [{"b": 1}]}]
    assert only_error(joined)[1].line == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', 'duplicate object attribute "a"'),
        ('{"a": bad}', 'unknown keyword "bad"'),
        ('{"a": NaN}', 'unknown keyword "NaN"'),
        ('{"a": 1e400}', "1e400 is too large"),
        ('[{"a": 1} {"a": 2}]', "missing comma or bracket"),
        ('{"a": "\udcff"}', "Invalid UTF8"),
        ('{"a": "\\ud83d"}', "Invalid UTF8"),
        ('{"\\u0000": 1}', "NUL in string"),
        ("\udcff", "misplaced '\\udcff'"),
        pytest.param('{"a": ' * 99999, "recursion", id="deep"),
        ('{"b": 1}{"c": 2}', "misplaced '{'"),
        ("\x1e{}", "misplaced"),
        ('{"a": 1}\n\n{"b": 2}', "incomplete"),
    ],
)
def test_errors_have_a_reason_that_can_be_stored(text: str, message: str) -> None:
    _, error = only_error(text)
    assert message in error.message
    assert error.message.encode()


def test_numbers_keep_what_a_variant_keeps() -> None:
    (record,) = values(
        '{"a": 12.50, "b": 1e3, "c": 12345678901234567890123456789012345678, "d": 1%s}' % ("0" * 38)
    )
    assert [str(value) for value in record.values()] == [
        "12.50",
        "1000.0",
        "12345678901234567890123456789012345678",
        "1e+38",
    ]
