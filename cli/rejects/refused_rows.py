"""Rows that Snowflake refused, from the error table, or where that has nothing, from VALIDATE_PIPE_LOAD."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pipeline_monitor.loads import file_name
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName, literal
from snowflake_setup.sql.timestamps import instant, timestamp

# "Error parsing JSON".
_PARSING = 100069
# The names of the fields with file and row are not documented, so all that say so count, the first ones first.
_PLACES = {"row": r"row(_?num(ber)?)?$", "line": r"line(_?num(ber)?)?$", "file": r"file(_?(name|path))?$"}


@dataclass(frozen=True)
class ErrorRows(Statement):
    """The rows of an error table that loads of files have written. Needs a warehouse.

    https://docs.snowflake.com/en/user-guide/data-load-error-tables-query
    """

    kind = "SELECT ERROR_TABLE"
    reads = True
    needs = "SELECT ERROR TABLE ON TABLE"

    since: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return (
            f'SELECT "TIMESTAMP", ERROR_CODE, ERROR_METADATA, ERROR_DATA FROM ERROR_TABLE({self.name.sql()}) '
            f"WHERE ERROR_METADATA:service IN ('copy', 'snowpipe') AND \"TIMESTAMP\" >= {instant(self.since)}"
        )


@dataclass(frozen=True)
class ListedRows(Statement):
    """Rows that a pipe could not load, at most a thousand a file. Needs a warehouse, and INSERT on the table.

    https://docs.snowflake.com/en/sql-reference/functions/validate_pipe_load
    """

    kind = "SELECT VALIDATE_PIPE_LOAD"
    reads = True

    since: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return history(self.name, "VALIDATE_PIPE_LOAD", "PIPE_NAME", self.since)


def history(name: ObjectName, function: str, argument: str, since: datetime) -> str:
    """The text of a query of a table function about loads."""
    return (
        f"SELECT * FROM TABLE({name.parent.database.sql()}.INFORMATION_SCHEMA.{function}("
        f"{argument} => {literal(name.sql())}, START_TIME => {instant(since)}))"
    )


@dataclass(frozen=True)
class RefusedRow:
    """A row that was refused.

    Attributes:
        path: its file, as Snowflake writes it; empty if Snowflake could not determine it.
        row: its number among the file's rows, from 1; 0 if it is not known, or the whole file is meant.
        message: the reason.
        at: when its load began; None if only the load history knows.
        is_parsing: whether it is no JSON, so that lines after it may not have been read.
        data: the row as Snowflake keeps it.
    """

    path: str
    row: int
    message: str
    at: datetime | None = None
    is_parsing: bool = False
    data: str = ""

    @classmethod
    def of_error_table(cls, row: Row) -> RefusedRow:
        """The row of an error table."""
        told = _object(row["error_metadata"])
        places = dict(_places(told))
        number = _number(places.get("row") or places.get("line"))
        return cls(
            path=str(places.get("file") or ""),
            row=number,
            message=described(told.get("error_source"), told.get("error_message") or row["error_code"]),
            at=timestamp(row["timestamp"]),
            is_parsing=_number(row["error_code"]) == _PARSING,
            data="" if number and places.get("file") else _source(row["error_data"]),
        )

    @classmethod
    def of_pipe(cls, row: Row) -> RefusedRow:
        """The row of VALIDATE_PIPE_LOAD."""
        return cls(
            path=str(row["file"]),
            row=_number(row.get("row_number") or row["line"]),
            message=described(row["column_name"], row["error"]),
            is_parsing=str(row["category"]).lower() == "parsing",
        )


def by_file(rows: Iterable[RefusedRow]) -> dict[str, list[RefusedRow]]:
    """The rows of each file, by its name without the folder."""
    found: defaultdict[str, list[RefusedRow]] = defaultdict(list)
    for row in rows:
        found[file_name(row.path)].append(row)
    return dict(found)


def merged(kept: Sequence[RefusedRow], listed: Sequence[RefusedRow]) -> list[RefusedRow]:
    """The refused rows of a file, each once.

    Args:
        kept: those of the error table; where one is in the file may not be known.
        listed: those of VALIDATE_PIPE_LOAD, without those from before it remembers.
    """
    rows = {row.row: row for row in [*listed, *kept] if row.row}
    placeless = [row for row in kept if not row.row]
    # Those that only VALIDATE_PIPE_LOAD can place are among its other rows.
    placed = len(rows.keys() - {row.row for row in kept})
    return [*(rows[number] for number in sorted(rows)), *placeless[placed:]]


def described(column: object, error: object) -> str:
    """An error of a column, if one is named."""
    text = " ".join(str(error).split())
    return f"{column}: {text}" if column else text


def _object(value: Any) -> dict[str, Any]:
    """An OBJECT, which the connector returns as text; empty if it is NULL or something else."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _source(value: Any) -> str:
    """The row as an error table keeps it."""
    data = _object(value)
    return str(data["$1"]) if list(data) == ["$1"] else json.dumps(data) if data else ""


def _places(metadata: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields that say where a row is, those at any depth."""
    for name, value in metadata.items():
        if isinstance(value, dict):
            yield from _places(value)
        elif value is not None and (kind := _kind(name)):
            yield kind, value


@cache
def _kind(name: str) -> str | None:
    return next((kind for kind, form in _PLACES.items() if re.search(form, name, re.IGNORECASE)), None)


def _number(value: Any) -> int:
    try:
        return max(0, int(value or 0))
    except (TypeError, ValueError):
        return 0
