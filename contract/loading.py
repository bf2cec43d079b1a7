"""Reading the contract file; all mistakes in it are listed together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contract.columns import column_name, snowflake_type
from contract.event import EventContract, Field

DEFAULT_PATH = Path(__file__).with_name("click_event.schema.json")


def load(path: Path | None = None) -> EventContract:
    """Read the contract, from which tables, validators and samples are derived.

    Args:
        path: a JSON Schema 2020-12 file; the project's own contract when left out.

    Raises:
        ValueError: the file is not a usable contract; every mistake in it is listed.
    """
    source = path or DEFAULT_PATH
    schema = _read(source)
    problems = [*_outline_problems(schema), *_field_problems(schema)]
    if problems:
        raise ValueError("\n".join(f"{source}: {problem}" for problem in problems))
    required = set(schema.get("required", []))
    return EventContract(
        title=schema["title"],
        description=schema.get("description", ""),
        fields=tuple(_field(name, spec, name in required) for name, spec in schema["properties"].items()),
        schema=schema,
    )


def _read(source: Path) -> dict[str, Any]:
    try:
        schema = json.loads(source.read_text(encoding="utf-8"), object_pairs_hook=_without_repeats)
    except OSError as error:
        raise ValueError(f"{source}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{source}: not a JSON document: {error}") from error
    if not isinstance(schema, dict):
        raise ValueError(f"{source}: a contract is a JSON object, got {_short(schema)}")
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
    if schema.get("type") != "object":
        yield f"'type' must be \"object\", got {_short(schema.get('type'))}"
    if not isinstance(schema.get("title"), str) or not schema["title"]:
        yield f"'title' must be a text, got {_short(schema.get('title'))}"
    if not isinstance(schema.get("description", ""), str):
        yield f"'description' must be a text, got {_short(schema['description'])}"
    fields = schema.get("properties")
    if not isinstance(fields, dict) or not fields:
        yield f"'properties' must be an object with at least one field, got {_short(fields)}"
        return
    required = schema.get("required", [])
    if not isinstance(required, list):
        yield f"'required' must be a list of field names, got {_short(required)}"
        return
    for name in required:
        if not isinstance(name, str) or name not in fields:
            yield f"'required' names {_short(name)}, which is not a field; allowed: {', '.join(fields)}"


def _field_problems(schema: Mapping[str, Any]) -> Iterator[str]:
    fields = schema.get("properties")
    taken: dict[str, str] = {}
    for name, spec in fields.items() if isinstance(fields, dict) else ():
        try:
            field = _field(name, spec, required=False)
        except ValueError as error:
            yield f"field {name!r}: {error}"
            continue
        if field.column in taken:
            yield (
                f"field {name!r}: column {field.column} is already that of field {taken[field.column]!r}; "
                "names must differ in more than case"
            )
        taken[field.column] = name


def _field(name: str, spec: object, required: bool) -> Field:
    if not isinstance(spec, dict):
        raise ValueError(f"must be described by an object with a 'type', got {_short(spec)}")
    column = column_name(name)
    description, examples = spec.get("description", ""), spec.get("examples", [])
    if not isinstance(description, str):
        raise ValueError(f"'description' must be a text, got {_short(description)}")
    if not isinstance(examples, list):
        raise ValueError(f"'examples' must be a list, got {_short(examples)}")
    return Field(
        name=name,
        column=column,
        snowflake_type=snowflake_type(spec),
        required=required,
        description=description,
        examples=tuple(examples),
    )


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
