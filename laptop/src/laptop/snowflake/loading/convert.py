"""Conversion of JSON values to column values, with Snowflake's rules."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from laptop.snowflake.datatypes import TIMESTAMPS, DataType
from laptop.snowflake.loading import moments

_TRUE = {"true", "t", "yes", "y", "on", "1"}
_FALSE = {"false", "f", "no", "n", "off", "0"}
# An integer timestamp counts seconds, milli-, micro- or nanoseconds, by its size.
_EPOCH_LIMITS = ((31_536_000_000, 1), (31_536_000_000_000, 10**3), (31_536_000_000_000_000, 10**6))

# Wide enough for any NUMBER; Python's own context rounds to 28 digits.
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


class DoesNotFitError(ValueError):
    """The value cannot be converted to the column's type."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def convert(value: Any, datatype: DataType, zone: dt.tzinfo = dt.UTC) -> Any:
    """Convert the value to a form that DuckDB reads into the column; times without an offset are in `zone`.

    Raises:
        DoesNotFitError: It cannot be converted; the message is Snowflake's.
    """
    if value is None and datatype.base != "VARIANT":
        return None
    try:
        if datatype.base in TIMESTAMPS:
            return _timestamp(value, datatype, zone)
        return _CONVERTERS[datatype.base](value, datatype)
    except (ValueError, TypeError, ArithmeticError) as error:
        if isinstance(error, DoesNotFitError):
            raise
        shown = json.dumps(value)[:100]
        wire = {"NUMBER": "FIXED", "FLOAT": "REAL", "VARCHAR": "TEXT"}.get(datatype.base, datatype.base)
        raise DoesNotFitError(f"Failed to cast variant value {shown} to {wire}", 100071) from None


def _varchar(value: Any, datatype: DataType) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if len(text) > datatype.length:
        shown = text[:40]
        raise DoesNotFitError(
            f"User character length limit ({datatype.length}) exceeded by string '{shown}'", 100074
        )
    return text


def _number(value: Any, datatype: DataType) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError(value)
    try:
        exact = Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value).strip())
        rounded = exact.quantize(Decimal(1).scaleb(-datatype.scale), context=_EXACT)
    except InvalidOperation:
        raise TypeError(value) from None
    if not exact.is_finite():
        raise TypeError(value)
    if abs(rounded) >= Decimal(10) ** (datatype.precision - datatype.scale):
        shown = format(rounded, "f")
        raise DoesNotFitError(f"Number out of representable range: type FIXED, value {shown}", 100046)
    return format(rounded, "f")


def _float(value: Any, _: DataType) -> float | str:
    if isinstance(value, (dict, list)):
        raise TypeError(value)
    result = float(value)
    return result if math.isfinite(result) else str(result)


def _boolean(value: Any, _: DataType) -> bool:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _TRUE | _FALSE:
        raise TypeError(value)
    return word in _TRUE


def _instant(value: Any) -> dt.datetime:
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        scale = next((scale for limit, scale in _EPOCH_LIMITS if abs(value) < limit), 10**9)
        return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=value * 10**6 // scale)
    if not isinstance(value, str):
        raise TypeError(value)
    found = moments.timestamp(value)
    if found is None:
        day = moments.date(value)
        if day is None:
            raise ValueError(value)
        found = dt.datetime.combine(day, dt.time())
    return found


def _timestamp(value: Any, datatype: DataType, zone: dt.tzinfo) -> str:
    instant = _instant(value)
    if datatype.base == "TIMESTAMP_NTZ":
        return instant.replace(tzinfo=None).isoformat(" ")
    aware = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    if datatype.base == "TIMESTAMP_LTZ":
        return aware.astimezone(dt.UTC).isoformat(" ")
    # The offset of a zone in past centuries has seconds, which a TIMESTAMP_TZ does not keep.
    minutes = (aware.utcoffset() or dt.timedelta()) // dt.timedelta(minutes=1)
    offset = dt.timezone(dt.timedelta(minutes=minutes))
    return aware.astimezone(offset).isoformat(" ", timespec="microseconds")


def _date(value: Any, _: DataType) -> str:
    return _instant(value).date().isoformat()


def _time(value: Any, _: DataType) -> str:
    found = moments.time(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    return found.isoformat()


def _variant(value: Any, _: DataType) -> str:
    # As text, since DuckDB would read a bare null as NULL.
    return json.dumps(value, ensure_ascii=False)


def _object(value: Any, _: DataType) -> str:
    if not isinstance(value, dict):
        raise TypeError(value)
    return json.dumps(value, ensure_ascii=False)


def _array(value: Any, _: DataType) -> str:
    return json.dumps(value if isinstance(value, list) else [value], ensure_ascii=False)


_CONVERTERS: dict[str, Callable[[Any, DataType], Any]] = {
    "VARCHAR": _varchar,
    "NUMBER": _number,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "DATE": _date,
    "TIME": _time,
    "VARIANT": _variant,
    "OBJECT": _object,
    "ARRAY": _array,
}
