"""A contract is loaded completely, or refused with a list of all its mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import contract

NEEDED: dict[str, Any] = {
    "event_id": {"type": "string"},
    "event_type": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def write(path: Path, **changes: Any) -> Path:
    """A small valid contract with `changes` applied; None removes a key."""
    schema: dict[str, Any] = {
        "title": "Event",
        "type": "object",
        "required": [*NEEDED],
        "properties": NEEDED | {"size": {"type": "integer"}},
    } | changes
    file = path / "event.schema.json"
    file.write_text(json.dumps({key: value for key, value in schema.items() if value is not None}))
    return file


def with_fields(path: Path, **fields: Any) -> Path:
    """A valid contract with further `fields`, or other ones; None removes one."""
    properties = {name: spec for name, spec in (NEEDED | fields).items() if spec is not None}
    return write(path, properties=properties, required=[name for name in NEEDED if name in properties])


def refusal(file: Path) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the callers check the message
        contract.load(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_the_click_event_has_the_agreed_columns() -> None:
    columns = {field.column: field.snowflake_type for field in contract.load().fields}
    assert columns == {
        "EVENT_ID": "VARCHAR",
        "EVENT_TYPE": "VARCHAR",
        "TIMESTAMP": "TIMESTAMP_TZ",
        "USER_ID": "VARCHAR",
        "SESSION_ID": "VARCHAR",
        "PAGE_ID": "VARCHAR",
        "PLATFORM": "VARCHAR",
        "SCROLL_DEPTH": "NUMBER(38,0)",
        "SESSION_DURATION": "FLOAT",
        "PROPERTIES": "VARIANT",
    }
    assert [field.name for field in contract.load().fields if field.required] == [
        "event_id",
        "event_type",
        "timestamp",
    ]


def test_the_click_event_is_documented_and_its_examples_hold() -> None:
    event = contract.load()
    jsonschema_rs.meta.validate(dict(event.schema))
    for field in event.fields:
        assert field.description, field.name
        check = jsonschema_rs.Draft202012Validator(
            event.schema["properties"][field.name], validate_formats=True, ignore_unknown_formats=False
        )
        assert all(check.is_valid(example) for example in field.examples), field.name


def test_fields_keep_order_examples_and_requirement(tmp_path: Path) -> None:
    rules = {"type": "string", "examples": ["x", "y"], "description": "B"}
    *others, last = contract.load(with_fields(tmp_path, b=rules)).fields
    assert last == contract.Field(
        name="b",
        column="B",
        snowflake_type="VARCHAR",
        required=False,
        description="B",
        examples=("x", "y"),
        schema=rules,
    )
    assert [(field.name, field.required) for field in others] == [(name, True) for name in NEEDED]


@pytest.mark.parametrize("text", ["", "{", "not json", '{"a": 1} trailing'])
def test_a_file_that_is_not_json(tmp_path: Path, text: str) -> None:
    file = tmp_path / "event.schema.json"
    file.write_text(text)
    assert "not a JSON document" in refusal(file)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "event.schema.json"
    file.write_bytes(b'{"title": "\xff"}')
    assert "not a JSON document" in refusal(file)


@pytest.mark.parametrize("value", [[1], "x", 3, None])
def test_a_file_that_is_not_an_object(tmp_path: Path, value: object) -> None:
    file = tmp_path / "event.schema.json"
    file.write_text(json.dumps(value))
    assert f"a contract is a JSON object, got {json.dumps(value)}" in refusal(file)


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "absent.json")
    assert "directory" in refusal(tmp_path)


def test_a_field_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "event.schema.json"
    file.write_text(
        '{"title": "E", "type": "object", "properties": {"a": {"type": "string"}, "a": {"type": "null"}}}'
    )
    assert "key 'a' is given twice" in refusal(file)


@pytest.mark.parametrize("declared", [["string", "integer"], ["null"], "null"])
def test_a_type_without_a_column_type(tmp_path: Path, declared: object) -> None:
    message = refusal(with_fields(tmp_path, odd={"type": declared}))
    assert f"field 'odd': type {declared!r} has no column type" in message
    assert "allowed: one of string, integer, number, boolean, object, array" in message


@pytest.mark.parametrize("declared", ["text", ["string", "text"], None, 7, []])
def test_a_type_that_json_does_not_have(tmp_path: Path, declared: object) -> None:
    assert refusal(with_fields(tmp_path, odd={"type": declared})).endswith(
        f": properties.odd.type: {json.dumps(declared)} is no type of JSON; allowed: array, boolean, integer, null, "
        "number, object, string"
    )


def test_an_unknown_format(tmp_path: Path) -> None:
    message = refusal(with_fields(tmp_path, odd={"type": "string", "format": "datetime"}))
    assert "field 'odd': format 'datetime' is unknown" in message
    assert "date-time" in message


@pytest.mark.parametrize("name", ["source_file", "SOURCE_ROW", "Loaded_At", "received_at"])
def test_a_field_whose_column_the_pipe_fills(tmp_path: Path, name: str) -> None:
    message = refusal(with_fields(tmp_path, **{name: {"type": "string"}}))
    assert f"field {name!r}: column {name.upper()} is filled by the pipe" in message
    assert "LOADED_AT, RECEIVED_AT, SOURCE_FILE, SOURCE_ROW" in message


def test_two_fields_that_differ_in_case_only(tmp_path: Path) -> None:
    message = refusal(with_fields(tmp_path, Event_Id={"type": "string"}))
    assert "field 'Event_Id': column EVENT_ID is already that of field 'event_id'" in message


def test_a_required_name_that_is_not_a_field(tmp_path: Path) -> None:
    assert (
        "'required' names \"idd\", which is not a field; allowed: event_id, event_type, timestamp, size"
        in refusal(write(tmp_path, required=[*NEEDED, "idd"]))
    )


@pytest.mark.parametrize("name", ["", "1st", "user id", "straße", "a" * 256, 'q"uote'])
def test_a_name_that_cannot_be_a_column(tmp_path: Path, name: str) -> None:
    message = refusal(with_fields(tmp_path, **{name: {"type": "string"}}))
    assert f"name {name!r} cannot be a column; allowed: a letter or _" in message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": "array"}, "'type' must be \"object\""),
        ({"title": None}, "'title' must be a text, got null"),
        ({"title": ""}, "'title' must be a text, got \"\""),
        ({"title": 7}, ": title: 7 is not of type"),
        ({"description": 7}, ': description: 7 is not of type "string"'),
        ({"properties": {}}, "'properties' must be an object with at least one field"),
        ({"properties": None}, "'properties' must be an object with at least one field, got null"),
        ({"required": "id"}, ': required: "id" is not of type "array"'),
        ({"properties": NEEDED | {"id": True}}, "field 'id': must be described by an object"),
        (
            {"properties": {"id": {"type": "string", "examples": "x"}}},
            'properties.id.examples: "x" is not of type',
        ),
        (
            {"properties": {"id": {"type": "string", "description": 1}}},
            "properties.id.description: 1 is not of type",
        ),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "'$schema' must be 'https://json-schema.org/draft/2020",
        ),
    ],
)
def test_other_mistakes(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    assert expected in refusal(write(tmp_path, **changes))


def test_every_mistake_is_listed(tmp_path: Path) -> None:
    file = with_fields(
        tmp_path, **{"a b": {"type": "string"}, "loaded_at": {"type": "string"}, "c": {"type": "null"}}
    )
    assert len(refusal(file).splitlines()) == 3
    file = write(tmp_path, title="", required=["x"], properties={"a": {"type": "date", "maxLength": -1}})
    assert len(refusal(file).splitlines()) == 4


def test_the_docs_table_has_a_row_per_field(tmp_path: Path) -> None:
    described = {"type": "string", "description": "one | two\nlines", "examples": ["a|b"]}
    table = contract.markdown_table(contract.load(with_fields(tmp_path, event_id=described))).splitlines()
    assert len(table) == 2 + len(NEEDED)
    assert table[2] == '| `event_id` | `EVENT_ID` | `VARCHAR` | yes | one \\| two lines | `"a\\|b"` |'
