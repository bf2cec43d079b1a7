"""Schema evolution: the columns that a load adds, and the record of it.

https://docs.snowflake.com/en/user-guide/data-load-schema-evolution. Types, limit and messages were measured on an
account by others in October 2026 (COPY INTO of newline-delimited JSON). The first value seen decides a column's type;
what Snowflake makes of different values in one load is not known, and this is the narrowest reading.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any, Literal

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.loading import moments
from laptop.snowflake.loading.model import FileRefusedError, LoadError, LoadJob, SourceFile
from laptop.snowflake.loading.records import Fixed
from laptop.snowflake.objects import Column, now

MAX_NEW_COLUMNS = 100
# https://docs.snowflake.com/en/sql-reference/identifiers-syntax
_LONGEST_NAME = 255
_WIDEST_NUMBER = 38
_SCHEMA_EVOLUTION = 691
_INVALID_IDENTIFIER = 904
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def infer(value: Any) -> DataType | None:
    """The type of a new column whose first value this is; None for null, which does not decide it.

    https://docs.snowflake.com/en/sql-reference/functions/infer_schema#usage-notes
    """
    match value:
        case None:
            return None
        case bool():
            return DataType("BOOLEAN")
        case int() | Fixed():
            return _number(Decimal(str(value)))
        case float():
            return DataType("FLOAT")
        case str():
            return _of_text(value)
        case list():
            return DataType("ARRAY")
        case _:
            return DataType("VARIANT")


def check_new_columns(names: set[str]) -> None:
    """Refuse columns that one COPY may not add.

    Raises:
        FileRefusedError: There are too many, or one has a name that no column can have: what Snowflake does then is not
            known, so no file of the COPY is loaded.
    """
    if len(names) > MAX_NEW_COLUMNS:
        raise FileRefusedError(
            LoadError("Error in Schema Evolution:\nadding too many columns", _SCHEMA_EVOLUTION)
        )
    for name in sorted(names):
        if not name or "\0" in name or len(name) > _LONGEST_NAME:
            text = f"Error in Schema Evolution:\ninvalid identifier {json.dumps(name[:40])}"
            raise FileRefusedError(LoadError(text, _INVALID_IDENTIFIER))


def recorded(
    column: Column, job: LoadJob, file: SourceFile, change: Literal["ADD_COLUMN", "DROP_NOT_NULL"]
) -> Column:
    """The column with the record of this change."""
    record = {
        "evolutionType": change,
        "evolutionMode": "SNOWPIPE" if job.pipe else "COPY",
        "fileName": job.location.relative(file.key),
        "triggeringTime": f"{now().astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}000Z",
        **({"pipeId": job.pipe.id} if job.pipe else {"queryId": job.query_id}),
    }
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    return column.model_copy(update={"schema_evolution_record": text})


def _number(value: Decimal) -> DataType:
    # Zeros at the end of a fraction are no digits of the number.
    whole, _, fraction = format(value.copy_abs(), "f").partition(".")
    scale = len(fraction.rstrip("0"))
    precision = max(len(whole.lstrip("0")) + scale, 1)
    if precision > _WIDEST_NUMBER:
        return DataType("FLOAT")
    return DataType("NUMBER", precision=precision, scale=scale)


def _of_text(value: str) -> DataType:
    """Times and dates were measured; that Snowflake also sees numbers and truth values is the narrowest reading."""
    if moments.timestamp(value) is not None:
        return DataType("TIMESTAMP_NTZ")
    if moments.date(value) is not None:
        return DataType("DATE")
    if moments.time(value) is not None:
        return DataType("TIME")
    if _NUMBER.fullmatch(value):
        return _number(Decimal(value))
    return DataType("BOOLEAN" if value.lower() in ("true", "false") else "VARCHAR")
