"""Reading the contract file; all mistakes in it are listed together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contract.columns import COLUMN_KEY, ID, REST, TIME, TYPE, SnowflakeType, column_name, snowflake_type
from contract.event import EventContract, Field
from contract.flaws import short
from contract.schema import resolved, schema_problems

_NEEDED: dict[str, tuple[SnowflakeType, str]] = {
    ID: ("VARCHAR", "a string that identifies the event"),
    TYPE: ("VARCHAR", "a string that says what happened"),
    TIME: ("TIMESTAMP_TZ", "a string of format date-time that says when it happened"),
}
DEFAULT_PATH = Path(__file__).with_name("click_event.schema.json")


def load(path: Path | None = None) -> EventContract:
    """Read the contract, from which tables, validators and samples are derived.

    Args:
        path: a JSON Schema 2020-12 file; the project's own contract when left out.

    Raises:
        ValueError: the file is not a usable contract; every mistake in it is listed.
    """
    source = path or DEFAULT_PATH
    try:
        return parse(_read(source))
    except ValueError as error:
        raise ValueError("\n".join(f"{source}: {problem}" for problem in str(error).splitlines())) from error


def parse(schema: Mapping[str, Any]) -> EventContract:
    """Make a contract of a JSON Schema.

    Raises:
        ValueError: it is not a usable contract; every mistake in it has a line.
    """
    problems = [*_outline_problems(schema), *schema_problems(schema)]
    problems = problems or [*_field_problems(schema)]
    if problems:
        raise ValueError("\n".join(problems))
    required = set(schema.get("required", []))
    return EventContract(
        title=schema["title"],
        description=schema.get("description", ""),
        fields=tuple(
            _field(name, spec, name in required, schema) for name, spec in schema["properties"].items()
        ),
        schema=schema,
    )


def _read(source: Path) -> dict[str, Any]:
    try:
        schema = json.loads(source.read_text(encoding="utf-8"), object_pairs_hook=_without_repeats)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"not a JSON document: {error}") from error
    if not isinstance(schema, dict):
        raise ValueError(f"a contract is a JSON object, got {short(schema)}")
    return schema


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key given twice, of which JSON readers would silently keep the last."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"key {key!r} is given twice in one object; give it once")
        result[key] = value
    return result


def _outline_problems(schema: Mapping[str, Any]) -> Iterator[str]:
    """Mistakes of a file that may be a JSON Schema all the same."""
    if schema.get("type") != "object":
        yield f"'type' must be \"object\", got {short(schema.get('type'))}"
    if schema.get("title", "") == "":
        yield f"'title' must be a text, got {short(schema.get('title'))}"
    fields, required = schema.get("properties"), schema.get("required", [])
    if schema.get("properties", {}) == {}:
        yield f"'properties' must be an object with at least one field, got {short(fields)}"
    if not isinstance(fields, dict) or not isinstance(required, list):
        return
    for name in required:
        if isinstance(name, str) and name not in fields:
            yield f"'required' names {short(name)}, which is not a field; allowed: {', '.join(fields)}"


def _field_problems(schema: Mapping[str, Any]) -> Iterator[str]:
    taken: dict[str, Field] = {}
    problems = []
    for name, spec in schema["properties"].items():
        try:
            field = _field(name, spec, name in schema.get("required", []), schema)
        except ValueError as error:
            problems.append(f"field {name!r}: {error}")
            continue
        if field.column in taken:
            problems.append(
                f"field {name!r}: column {field.column} is already that of field {taken[field.column].name!r}; "
                f"names must differ in more than case, or be given with {COLUMN_KEY!r}"
            )
        taken[field.column] = field
    yield from problems or _role_problems(taken)


def _role_problems(fields: Mapping[str, Field]) -> Iterator[str]:
    """Fields without which a pipeline cannot tell events apart, or when they happened."""
    for column, (needed, meaning) in _NEEDED.items():
        field = fields.get(column)
        if field is None:
            yield (
                f"a field for column {column} is needed, {meaning}: name one {column.lower()!r}, "
                f'or give it "{COLUMN_KEY}": "{column}"'
            )
        elif field.snowflake_type != needed:
            yield f"field {field.name!r}: column {column} must be {needed}, got {field.snowflake_type}: {meaning}"
        elif not field.required:
            yield f"field {field.name!r}: column {column} is needed in every event; add it to 'required'"
        elif "null" in field.schema["type"]:
            yield f"field {field.name!r}: column {column} is needed in every event; take \"null\" from its 'type'"
    if (rest := fields.get(REST)) and "object" not in str(rest.schema.get("type")):
        yield f"field {rest.name!r}: column {REST} must be an object, got {short(rest.schema.get('type'))}"


def _field(name: str, spec: object, required: bool, root: Mapping[str, Any]) -> Field:
    if not isinstance(spec, dict):
        raise ValueError(f"must be described by an object with a 'type', got {short(spec)}")
    rules = resolved(spec, root)
    description = rules.get("description", "")
    return Field(
        name=name,
        column=column_name(name, rules.get(COLUMN_KEY)),
        snowflake_type=snowflake_type(rules),
        required=required,
        description=description,
        examples=tuple(rules.get("examples", [])),
        schema=rules,
    )
