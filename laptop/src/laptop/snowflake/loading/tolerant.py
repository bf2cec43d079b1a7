"""Reading record by record, with position and reason of each refused record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from laptop.snowflake.loading.columns import lay_out
from laptop.snowflake.loading.convert import DoesNotFitError, convert
from laptop.snowflake.loading.model import Layout, LoadError, LoadJob
from laptop.snowflake.loading.records import JsonRecord, read_records

_TWO_KEYS = 100071
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
    found = list(records(job, text))
    good = [record for record in found if isinstance(record, JsonRecord)]
    errors = [record for record in found if isinstance(record, LoadError)]
    layout = lay_out(job, good)
    rows: list[tuple[int, dict[str, Any]]] = []
    for record in good:
        converted = _convert(job, layout, record)
        if isinstance(converted, LoadError):
            errors.append(converted)
        else:
            rows.append((record.row, converted))
    errors.sort(key=lambda error: error.row)
    return Cleaned(layout, len(rows) + len(errors), rows, tuple(errors))


def new_names(job: LoadJob, text: bytes) -> set[str]:
    """The names of the columns that the file would add to the table."""
    found = (record for record in records(job, text) if isinstance(record, JsonRecord))
    return {column.name for column in lay_out(job, found).new_columns}


def records(job: LoadJob, text: bytes) -> Iterator[JsonRecord | LoadError]:
    """The records of a file up to the first that cannot be read, and its error."""
    # Damaged bytes become lone surrogates, so that the records before them are kept.
    decoded = text.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return read_records(
        decoded, strip_outer_array=job.format.strip_outer_array, multi_line=job.format.multi_line
    )


def _convert(job: LoadJob, layout: Layout, record: JsonRecord) -> dict[str, Any] | LoadError:
    values: dict[str, Any] = {}
    zone = ZoneInfo(job.timezone)
    for key, column in layout.matched:
        if key not in record.value:
            continue
        value = record.value[key]
        # In a VARIANT, JSON null is a value: https://docs.snowflake.com/en/user-guide/semistructured-considerations#null-values
        if value is None and column.type.base != "VARIANT":
            continue
        if column.name in values:
            # What Snowflake does with keys that differ in case only is not known.
            return _refused(record, f"two keys match column {column.name} in any case", _TWO_KEYS)
        try:
            values[column.name] = convert(value, column.type, zone)
        except DoesNotFitError as error:
            return _refused(record, str(error), error.code)
    for column in job.table.columns:
        required = not column.nullable and column not in layout.nullable_now
        if required and column.name not in values and column.name not in job.copy.include_metadata:
            return _refused(record, "NULL result in a non-nullable column", _NULL_IN_REQUIRED)
    return values


def _refused(record: JsonRecord, message: str, code: int) -> LoadError:
    # Measured on an account: with MATCH_BY_COLUMN_NAME, such an error has a line, but neither character nor column.
    return LoadError(message, code, row=record.row, line=record.line)
