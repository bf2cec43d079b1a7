"""The answers to statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from laptop.snowflake.datatypes import DataType

VARCHAR = DataType("VARCHAR")
NUMBER = DataType("NUMBER")
TIMESTAMP_LTZ = DataType("TIMESTAMP_LTZ")
SELECT, INSERT, UPDATE, DELETE, DDL = 0x1000, 0x3100, 0x3200, 0x3300, 0x6000


@dataclass(frozen=True)
class ResultColumn:
    """A column of an answer."""

    name: str
    type: DataType = VARCHAR


@dataclass(frozen=True)
class Result:
    """Columns and rows; for some values of `statement_type` the connector counts affected rows."""

    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Any, ...]]
    statement_type: int = SELECT


def status(message: str) -> Result:
    """The single-cell answer of DDL."""
    return Result((ResultColumn("status"),), [(message,)], DDL)


def listing(columns: Iterable[str | tuple[str, DataType]], rows: Iterable[tuple[Any, ...]]) -> Result:
    """A table in the format of SHOW and DESC; columns are text unless a type is given."""
    described = tuple(ResultColumn(c) if isinstance(c, str) else ResultColumn(*c) for c in columns)
    return Result(described, list(rows))
