"""Answers in the connector's format: row types and text cells."""

from __future__ import annotations

import datetime as dt
import json
import math
import secrets
from decimal import Decimal
from typing import Any

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.results import Result, ResultColumn
from laptop.snowflake.session import Session

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WIRE_TYPES = {"NUMBER": "fixed", "FLOAT": "real", "VARCHAR": "text"}
# TIMESTAMP_TZ cells have the offset in minutes, shifted so that it is never negative.
_UTC_OFFSET = 1440


def query_id() -> str:
    """A query id in Snowflake's format."""
    digits = secrets.token_hex(16)
    return f"01{digits[2:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def answer(result: Result, session: Session, statement_id: str, timezone: str) -> dict[str, Any]:
    """The reply to a successful statement."""
    data = {
        "parameters": [{"name": "TIMEZONE", "value": timezone}],
        "rowtype": [_row_type(column) for column in result.columns],
        "rowset": [
            [encode(value, column.type) for value, column in zip(row, result.columns, strict=True)]
            for row in result.rows
        ],
        "total": len(result.rows),
        "returned": len(result.rows),
        "queryId": statement_id,
        "statementTypeId": result.statement_type,
        "queryResultFormat": "json",
        "finalDatabaseName": session.database,
        "finalSchemaName": session.schema,
        "finalWarehouseName": session.warehouse,
        "finalRoleName": session.role,
        "numberOfBinds": 0,
        "version": 1,
        "sqlState": "00000",
    }
    return {"data": data, "success": True, "code": None, "message": None}


def refusal(error: SnowflakeError, statement_id: str = "") -> dict[str, Any]:
    """The reply to a failed statement or login."""
    data = {
        "errorCode": error.code,
        "sqlState": error.sqlstate,
        "queryId": statement_id,
        "internalError": False,
        "type": "COMPILATION",
    }
    return {"data": data, "success": False, "code": error.code, "message": error.message}


def encode(value: Any, datatype: DataType) -> str | None:
    """A value as a cell."""
    if value is None:
        return None
    match datatype.base:
        case "BOOLEAN":
            return "1" if value else "0"
        case "NUMBER":
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case "FLOAT":
            return _float(value)
        case "DATE":
            return str((value - _EPOCH.date()).days)
        case "TIME":
            seconds = value.hour * 3600 + value.minute * 60 + value.second
            return f"{seconds}.{value.microsecond:06d}000"
        case "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ":
            return _instant(value)
        case "TIMESTAMP_TZ":
            return _with_offset(value)
        case "VARIANT" | "OBJECT" | "ARRAY":
            return _json(value)
        case _:
            return str(value)


def _row_type(column: ResultColumn) -> dict[str, Any]:
    datatype = column.type
    numeric, timed = datatype.base == "NUMBER", datatype.base.startswith("TIME")
    texts = datatype.base == "VARCHAR"
    return {
        "name": column.name,
        "type": _WIRE_TYPES.get(datatype.base, datatype.base.lower()),
        "nullable": True,
        "length": datatype.length if texts else None,
        "byteLength": datatype.length if texts else None,
        "precision": datatype.precision if numeric else 0 if timed else None,
        "scale": datatype.scale if numeric else 9 if timed else None,
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def _instant(value: dt.datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    microseconds = (aware - _EPOCH) // dt.timedelta(microseconds=1)
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    return f"{sign}{seconds}.{rest:06d}000"


def _with_offset(value: dt.datetime | str) -> str:
    aware = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    offset = (aware.utcoffset() or dt.timedelta()) // dt.timedelta(minutes=1)
    return f"{_instant(aware)} {_UTC_OFFSET + offset}"


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(float(value)) if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _json(value: Any) -> str:
    document = json.loads(value) if isinstance(value, str) else value
    # Snowflake keeps object keys in order and prints variants over several lines.
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, default=str)
