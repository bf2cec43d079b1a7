"""Generated values for any field of the contract, so that a new field needs no new code."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs

from contract import Field

Maker = Callable[[random.Random, datetime], Any]
"""Makes a value for an event that happens at the given time."""

_SPAN = 100
_TRIALS = 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def rfc3339(moment: datetime) -> str:
    """Format a UTC time as events have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def maker(field: Field) -> Maker:
    """A generator of values for one field: from its examples, or else from its type and bounds.

    Raises:
        ValueError: no generated value conforms to the field's rules; it needs examples.
    """
    make = _maker(field, field.schema)
    check = jsonschema_rs.Draft202012Validator(dict(field.schema), validate_formats=True)
    for seed in range(_TRIALS):
        value = make(random.Random(seed), datetime.now(UTC))  # noqa: S311 - a trial, and no secret
        if not check.is_valid(value):
            raise ValueError(
                f"field {field.name!r}: cannot generate a value, {value!r} breaks the field's own rules; "
                'give it "examples" in the contract that conform to them'
            )
    return make


def _maker(field: Field, schema: Mapping[str, Any]) -> Maker:
    choices = [schema["const"]] if "const" in schema else list(field.examples or schema.get("enum", ()))
    if choices:
        return lambda rng, now: rng.choice(choices)
    match field.snowflake_type:
        case "TIMESTAMP_TZ":
            return lambda rng, now: rfc3339(now)
        case "DATE":
            return lambda rng, now: now.strftime("%Y-%m-%d")
        case "NUMBER(38,0)":
            return lambda rng, now: _integer(rng, schema)
        case "FLOAT":
            return lambda rng, now: _number(rng, schema)
        case "BOOLEAN":
            return lambda rng, now: rng.random() < 0.5
        case "VARIANT":
            empty: Any = [] if "array" in schema["type"] else {}
            return lambda rng, now: empty
        case _:
            return lambda rng, now: _text(rng, schema)


def _text(rng: random.Random, schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "uuid":
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    return "".join(rng.choices(_LETTERS, k=int(min(max(shortest, 8), longest))))


def _integer(rng: random.Random, schema: Mapping[str, Any]) -> int:
    low, high = _bounds(schema)
    step = schema.get("multipleOf", 1)
    first = math.floor(low / step) + 1 if _excludes(schema, low, "Minimum") else math.ceil(low / step)
    last = math.ceil(high / step) - 1 if _excludes(schema, high, "Maximum") else math.floor(high / step)
    return int(step * rng.randint(first, max(first, last)))


def _number(rng: random.Random, schema: Mapping[str, Any]) -> float:
    low, high = _bounds(schema)
    value = low + (high - low) * rng.uniform(0.01, 0.99)
    tidy = round(value, 3)
    return tidy if low < tidy < high else value


def _bounds(schema: Mapping[str, Any]) -> tuple[float, float]:
    lows = [schema[key] for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [schema[key] for key in ("maximum", "exclusiveMaximum") if key in schema]
    if lows:
        return max(lows), min(highs, default=max(lows) + _SPAN)
    high = min(highs, default=_SPAN)
    return (0 if high > 0 else high - _SPAN), high


def _excludes(schema: Mapping[str, Any], bound: float, side: str) -> bool:
    return bool(schema.get(f"exclusive{side}") == bound)
