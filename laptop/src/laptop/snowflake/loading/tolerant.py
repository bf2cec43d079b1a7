"""Reading record by record: slower, but with position and reason of each refused record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from laptop.snowflake.loading.columns import lay_out, matching
from laptop.snowflake.loading.convert import DoesNotFitError, convert
from laptop.snowflake.loading.model import Layout, LoadError, LoadJob
from laptop.snowflake.loading.records import JsonRecord, read_records

_NOT_AN_OBJECT = 100071
_NULL_IN_REQUIRED = 100072


@dataclass(frozen=True)
class Cleaned:
    """The valid records, converted, and the errors of the others."""

    layout: Layout
    parsed: int
    rows: list[tuple[int, dict[str, Any]]]
    errors: tuple[LoadError, ...]


def clean(job: LoadJob, text: bytes) -> Cleaned:
    """Read all records of a file, convert the valid ones and list the errors of the others."""
    good: list[JsonRecord] = []
    errors: list[LoadError] = []
    # Damaged bytes become lone surrogates, so that only their record is refused.
    decoded = text.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    for record in read_records(decoded, strip_outer_array=job.format.strip_outer_array):
        if isinstance(record, LoadError):
            errors.append(record)
        elif isinstance(record.value, dict):
            good.append(record)
        else:
            message = "JSON record is not an object, so it has no columns to match by name"
            errors.append(LoadError(message, _NOT_AN_OBJECT, row=record.row, line=record.line, character=1))
    layout = _layout(job, good)
    rows: list[tuple[int, dict[str, Any]]] = []
    for record in good:
        converted = _convert(job, layout, record)
        if isinstance(converted, LoadError):
            errors.append(converted)
        else:
            rows.append((record.row, converted))
    errors.sort(key=lambda error: error.row)
    return Cleaned(layout, len(rows) + len(errors), rows, tuple(errors))


def _layout(job: LoadJob, records: list[JsonRecord]) -> Layout:
    types: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for key, value in record.value.items():
            types[key].add(_json_type(value))
    matched, unknown = matching(job, types)
    return lay_out(job, matched, {key: types[key] for key in unknown})


def _convert(job: LoadJob, layout: Layout, record: JsonRecord) -> dict[str, Any] | LoadError:
    values: dict[str, Any] = {}
    for key, column in layout.matched:
        value = record.value.get(key)
        if value is None:
            continue
        try:
            values[column.name] = convert(value, column.type)
        except DoesNotFitError as error:
            return _refused(record, str(error), error.code, column.name)
    for column in job.table.columns:
        required = not column.nullable and column not in layout.nullable_now
        if required and column.name not in values and column.name not in job.copy.include_metadata:
            return _refused(record, "NULL result in a non-nullable column", _NULL_IN_REQUIRED, column.name)
    return values


def _refused(record: JsonRecord, message: str, code: int, column: str) -> LoadError:
    return LoadError(message, code, row=record.row, line=record.line, character=1, column=column)


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case str():
            return "VARCHAR"
        case list():
            return "ARRAY"
        case _:
            return "OBJECT"
