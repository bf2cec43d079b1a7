from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.snowflake.loading.model import LoadError
from laptop.snowflake.loading.records import JsonRecord, read_records

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=6)


def values(text: str, *, strip: bool = True) -> list[Any]:
    found = list(read_records(text, strip_outer_array=strip))
    assert all(isinstance(item, JsonRecord) for item in found), found
    return [item.value for item in found if isinstance(item, JsonRecord)]


@given(OBJECTS, st.sampled_from(["\n", "", " ", "\r\n\n"]), st.sampled_from([None, 2]))
def test_consecutive_documents(objects: list[Any], between: str, indent: int | None) -> None:
    assert values(between.join(json.dumps(item, indent=indent) for item in objects)) == objects


@given(OBJECTS)
def test_an_outer_array_is_stripped_if_requested(objects: list[Any]) -> None:
    assert values(json.dumps(objects)) == objects
    assert values(json.dumps(objects), strip=False) == [objects]


@given(OBJECTS, st.sampled_from(["{bad", '{"a": }', "nonsense", '{"a": 1', '"open']), st.data())
def test_a_bad_line_affects_no_other(objects: list[Any], bad: str, data: st.DataObject) -> None:
    lines = [json.dumps(item) for item in objects]
    position = data.draw(st.integers(0, len(lines)))
    lines.insert(position, bad)
    found = list(read_records("\n".join(lines), strip_outer_array=True))
    errors = [item for item in found if isinstance(item, LoadError)]
    assert [(error.line, error.row) for error in errors] == [(position + 1, position + 1)]
    assert [item.value for item in found if isinstance(item, JsonRecord)] == objects


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', 'duplicate object attribute "a"'),
        ('{"a": bad}', 'unknown keyword "bad"'),
        ('[{"a": 1} {"a": 2}]', "missing comma or bracket"),
        ('{"a": "\udcff"}', "Invalid UTF8"),
    ],
)
def test_errors_have_a_reason(text: str, message: str) -> None:
    errors = [item for item in read_records(text, strip_outer_array=True) if isinstance(item, LoadError)]
    assert message in errors[0].message
