"""For any contract, every field gets exactly one column or an error with the reason."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract

NEEDED: dict[str, Any] = {
    "event_id": {"type": "string"},
    "event_type": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"},
}
TAKEN = {*contract.RESERVED_COLUMNS, "PROPERTIES", *(name.upper() for name in NEEDED)}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name.upper() not in TAKEN
)
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def load(schema: object) -> contract.EventContract:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "event.schema.json"
        file.write_text(json.dumps(schema))
        return contract.load(file)


@given(
    KINDS, st.sampled_from(["plain", "list", "nullable", "nullable first"]), st.none() | st.just("date-time")
)
def test_nullability_never_changes_the_column_type(kind: str, spelling: str, text_format: str | None) -> None:
    declared: Any = {
        "plain": kind,
        "list": [kind],
        "nullable": [kind, "null"],
        "nullable first": ["null", kind],
    }[spelling]
    extra = {} if text_format is None else {"format": text_format}
    plain = contract.snowflake_type({"type": kind, **extra})
    assert contract.snowflake_type({"type": declared, **extra}) == plain
    assert (plain == "TIMESTAMP_TZ") == (kind == "string" and text_format is not None)


@given(st.dictionaries(NAMES, KINDS, min_size=1, max_size=8), st.data())
def test_every_field_gets_its_own_column(types: dict[str, str], data: st.DataObject) -> None:
    required = data.draw(st.lists(st.sampled_from(sorted(types)), unique=True))
    schema = {
        "title": "E",
        "type": "object",
        "required": [*NEEDED, *required],
        "properties": NEEDED | {name: {"type": kind} for name, kind in types.items()},
    }
    if len({name.upper() for name in types}) < len(types):
        with pytest.raises(ValueError, match="names must differ in more than case"):
            load(schema)
        return
    loaded = load(schema)
    assert [field.name for field in loaded.fields] == [*NEEDED, *types]
    assert len({field.column for field in loaded.fields}) == len(loaded.fields)
    assert {field.name for field in loaded.fields if field.required} == {*NEEDED, *required}
    assert len(contract.markdown_table(loaded).splitlines()) == 2 + len(loaded.fields)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "title": JSON,
            "type": JSON | st.just("object"),
            "description": JSON,
            "required": JSON,
            "properties": JSON
            | st.dictionaries(
                NAMES,
                st.fixed_dictionaries({}, optional={"type": JSON | KINDS, "format": JSON, "examples": JSON}),
            ),
        },
    )
    | JSON
)
def test_invalid_input_raises_only_value_errors(schema: object) -> None:
    try:
        loaded = load(schema)
    except ValueError:
        return
    assert loaded.fields
