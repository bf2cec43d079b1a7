"""A contract is checked whole: as a JSON Schema, its references, and the fields that a pipeline needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import contract
from tests.unit.contract.test_load import NEEDED, refusal, with_fields, write


def reasons(file: Path) -> list[str]:
    return [line.removeprefix(f"{file}: ") for line in refusal(file).splitlines()]


def test_a_column_may_have_another_name_than_its_field(tmp_path: Path) -> None:
    own = {
        "messageId": {"type": "string", "x-column": "event_id"},
        "user id": {"type": "string", "x-column": "USER_ID"},
    }
    file = write(
        tmp_path,
        required=["messageId", "event_type", "timestamp"],
        properties={name: spec for name, spec in (NEEDED | own).items() if name != "event_id"},
    )
    loaded = contract.load(file)
    assert {field.name: (field.column, field.is_renamed) for field in loaded.fields} == {
        "event_type": ("EVENT_TYPE", False),
        "timestamp": ("TIMESTAMP", False),
        "messageId": ("EVENT_ID", True),
        "user id": ("USER_ID", True),
    }
    assert (loaded.id.name, loaded.type.name, loaded.time.name) == ("messageId", "event_type", "timestamp")
    assert loaded.rest is None


def test_the_object_for_the_rest_may_have_another_name(tmp_path: Path) -> None:
    rest = contract.load(with_fields(tmp_path, traits={"type": "object", "x-column": "PROPERTIES"})).rest
    assert rest is not None
    assert rest.name == "traits"


@pytest.mark.parametrize("given", [5, "", "a b", "loaded_at"])
def test_a_column_that_cannot_be_named_so(tmp_path: Path, given: object) -> None:
    (reason,) = reasons(with_fields(tmp_path, odd={"type": "string", "x-column": given}))
    assert reason.startswith("field 'odd': ")
    assert "cannot be a column" in reason or "is filled by the pipeline" in reason


def test_a_local_reference_is_followed(tmp_path: Path) -> None:
    parts = {"size": {"type": "integer", "minimum": 0}, "a/b~c": {"$ref": "#/$defs/size"}}
    fields = {"one": {"$ref": "#/$defs/size", "description": "own"}, "two": {"$ref": "#/$defs/a~1b~0c"}}
    file = write(tmp_path, properties=NEEDED | fields, **{"$defs": parts})
    *_, one, two = contract.load(file).fields
    assert (one.snowflake_type, one.description, dict(one.schema)["minimum"]) == ("NUMBER(38,0)", "own", 0)
    assert (two.snowflake_type, two.description) == ("NUMBER(38,0)", "")


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_a_choice_of_a_type_and_null_is_that_type(tmp_path: Path, keyword: str) -> None:
    null = {"type": "null"}
    choices = {
        "plain": {keyword: [{"type": "string", "format": "date-time"}, null]},
        "first": {keyword: [null, {"type": ["number", "null"]}]},
        "referred": {keyword: [{"$ref": "#/$defs/size"}, null]},
    }
    file = write(tmp_path, properties=NEEDED | choices, **{"$defs": {"size": {"type": "integer"}}})
    *_, plain, first, referred = contract.load(file).fields
    assert [field.snowflake_type for field in (plain, first, referred)] == [
        "TIMESTAMP_TZ",
        "FLOAT",
        "NUMBER(38,0)",
    ]
    assert referred.schema["type"] == ["integer", "null"]


def test_a_choice_of_two_types_has_no_column(tmp_path: Path) -> None:
    (reason,) = reasons(with_fields(tmp_path, odd={"oneOf": [{"type": "string"}, {"type": "number"}]}))
    assert reason.startswith("field 'odd': type None has no column type; allowed:")


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize("reference", ["https://example.com/x.json", "other.json#/a", "#anchor"])
def test_a_reference_out_of_the_file_is_refused(tmp_path: Path, keyword: str, reference: str) -> None:
    deep = {"type": "object", "properties": {"a": {"allOf": [{keyword: reference}]}}}
    assert reasons(with_fields(tmp_path, deep=deep)) == [
        f"#/properties/deep/properties/a/allOf/0: '$ref' \"{reference}\" leads out of the file; allowed: '#/$defs/…'"
    ]


def test_references_that_lead_nowhere_or_to_themselves(tmp_path: Path) -> None:
    assert reasons(with_fields(tmp_path, odd={"$ref": "#/$defs/no"})) == [
        "#/properties/odd: '$ref' \"#/$defs/no\" leads nowhere"
    ]
    assert reasons(with_fields(tmp_path, odd={"$ref": "#/properties/odd"})) == [
        "field 'odd': '$ref' \"#/properties/odd\" leads to itself"
    ]


def test_every_keyword_with_a_wrong_value_is_named_with_field_and_value(tmp_path: Path) -> None:
    """Among them shared mistakes of authors: `required` of draft 4, bounds as texts, a pattern that is none."""
    file = with_fields(
        tmp_path,
        event_id={"type": "string", "required": True},
        qty={"type": "integer", "minimum": "0"},
        code={"type": "string", "pattern": "[", "maxLength": -1},
    )
    assert reasons(file) == [
        'properties.event_id.required: true is not of type "array"',
        'properties.qty.minimum: "0" is not of type "number"',
        'properties.code.pattern: "[" is not a "regex"',
        "properties.code.maxLength: -1 is less than the minimum of 0",
    ]


@pytest.mark.parametrize(
    ("name", "spec", "expected"),
    [
        ("event_id", None, "a field for column EVENT_ID is needed, a string that identifies the event"),
        ("event_type", None, "a field for column EVENT_TYPE is needed, a string that says what happened"),
        ("timestamp", None, "a field for column TIMESTAMP is needed, a string of format date-time"),
        (
            "event_id",
            {"type": "integer"},
            "field 'event_id': column EVENT_ID must be VARCHAR, got NUMBER(38,0)",
        ),
        (
            "event_type",
            {"type": "boolean"},
            "field 'event_type': column EVENT_TYPE must be VARCHAR, got BOOLEAN",
        ),
        (
            "timestamp",
            {"type": "string"},
            "field 'timestamp': column TIMESTAMP must be TIMESTAMP_TZ, got VARCHAR",
        ),
        (
            "event_id",
            {"type": ["string", "null"]},
            'column EVENT_ID is needed in every event; take "null" from its',
        ),
        (
            "properties",
            {"type": "string"},
            "field 'properties': column PROPERTIES must be an object, got \"string\"",
        ),
        (
            "properties",
            {"type": "array"},
            "field 'properties': column PROPERTIES must be an object, got \"array\"",
        ),
    ],
)
def test_needed_columns(tmp_path: Path, name: str, spec: Any, expected: str) -> None:
    (reason,) = reasons(with_fields(tmp_path, **{name: spec}))
    assert expected in reason


@pytest.mark.parametrize("name", NEEDED)
def test_needed_columns_are_in_every_event(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, required=[other for other in NEEDED if other != name])
    assert reasons(file) == [
        f"field {name!r}: column {name.upper()} is needed in every event; add it to 'required'"
    ]


def test_all_needed_columns_that_are_missing_are_listed(tmp_path: Path) -> None:
    file = write(tmp_path, required=["event_id"], properties={"event_id": {"type": "string"}})
    assert len(reasons(file)) == 2
