"""Rules of the JSON Schema that a contract is: its references, and what is wrong with it as a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from contract.flaws import short

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_NULL = {"type": "null"}


def resolved(spec: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """A field's schema without references, and with `oneOf`/`anyOf` of a type and null as that type or null.

    Raises:
        ValueError: a reference leads out of the file, nowhere or to itself.
    """
    merged, seen = dict(spec), set[str]()
    while "$ref" in merged:
        reference = merged.pop("$ref")
        if reference in seen:
            raise ValueError(f"'$ref' {short(reference)} leads to itself")
        seen.add(reference)
        merged = {**_target(reference, root), **merged}
    for keyword in ("oneOf", "anyOf"):
        choices = merged.get(keyword)
        if isinstance(choices, list) and len(choices) == 2 and _NULL in choices and "type" not in merged:
            (other,) = [choice for choice in choices if choice != _NULL]
            found = resolved(other, root) if isinstance(other, dict) else {}
            kinds = found.get("type")
            merged = {**found, **{name: rule for name, rule in merged.items() if name != keyword}}
            merged["type"] = [*([kinds] if isinstance(kinds, str) else kinds or []), "null"]
    return merged


def schema_problems(schema: Mapping[str, Any]) -> Iterator[str]:
    """Mistakes of a file as a JSON Schema: keywords with a wrong value, references that cannot be followed."""
    dialect = schema.get("$schema", _DIALECT)
    if dialect != _DIALECT:
        yield f"'$schema' must be {_DIALECT!r}, got {short(dialect)}"
        return
    meta = jsonschema_rs.Draft202012Validator({"$ref": _DIALECT}, validate_formats=True)
    problems = [_described(error) for error in meta.iter_errors(schema)]
    problems += _reference_problems(schema, schema, "#")
    yield from problems
    if problems:
        return
    try:
        jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
    except ValueError as error:
        yield str(error).splitlines()[0]


def _described(error: Any) -> str:
    where = ".".join(map(str, error.instance_path))
    problem = error.message
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):  # of the keyword `type` only
        problem = f"{short(error.instance)} is no type of JSON; allowed: {', '.join(_TYPES)}"
    return f"{where}: {problem}" if where else str(problem)


def _reference_problems(part: object, root: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(reference := part.get(keyword), str):
                try:
                    _target(reference, root)
                except ValueError as error:
                    yield f"{where}: {error}"
        for name, inner in part.items():
            yield from _reference_problems(inner, root, f"{where}/{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _reference_problems(inner, root, f"{where}/{number}")


def _target(reference: object, root: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise ValueError(f"'$ref' {short(reference)} leads out of the file; allowed: '#/$defs/…'")
    found: Any = root
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError(f"'$ref' {short(reference)} leads nowhere")
    return found
