"""Queries that show each event once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clickstream_wire.columns import INTERNAL
from snowflake_setup.sql import event_date
from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal


@dataclass(frozen=True)
class FirstArrivals:
    """Each event once, as it first arrived, with its date.

    Rows without a key cannot be distinguished and are all kept. If there is a type column, rows whose type begins with
    an underscore are the pipeline's own and left out.

    Attributes:
        table: the table with all rows.
        key: the column that identifies an event.
        order: the columns that determine which copy arrived first.
        type_column: the column of the event's type.
        date: the date, which is in the window, so that a filter on it applies before the window; templates of an
            earlier version have none.
    """

    table: ObjectName
    key: Identifier
    order: tuple[Identifier, ...]
    type_column: Identifier | None
    date: EventDate | None = None

    @property
    def columns(self) -> tuple[Identifier, ...]:
        """The columns of the table that the query needs, whatever it shows."""
        date = (self.date.time, *self.date.arrival) if self.date else ()
        needed = (self.key, *self.order, self.type_column, *date)
        return tuple(column for column in needed if column)

    @property
    def types(self) -> dict[str, str]:
        """The columns that it adds to those of the table."""
        return {event_date.COLUMN.value: "DATE"} if self.date else {}

    def sql(self, columns: Iterable[Identifier]) -> str:
        """The query. `*` would freeze today's columns, and Snowflake refuses such a view once the table has more."""
        columns, key = tuple(columns), self.key.sql()
        return f"SELECT {self._shown(columns)} FROM {self._rows(columns)} QUALIFY {key} IS NULL OR {self._is_first}"

    def sql_in_parts(self, columns: Iterable[Identifier]) -> str:
        """The same rows, with those without a key apart: refreshes are fast if QUALIFY has ROW_NUMBER alone.

        https://docs.snowflake.com/en/user-guide/dynamic-tables/refresh-optimization
        """
        columns, key = tuple(columns), self.key.sql()
        shown, rows = self._shown(columns), self._rows(columns)
        return (
            f"SELECT {shown} FROM {rows} WHERE {key} IS NOT NULL QUALIFY {self._is_first} "
            f"UNION ALL SELECT {shown} FROM {rows} WHERE {key} IS NULL"
        )

    @property
    def _is_first(self) -> str:
        window = self.key.sql() + (f", {event_date.COLUMN.sql()}" if self.date else "")
        return f"ROW_NUMBER() OVER (PARTITION BY {window} ORDER BY {names(self.order)}) = 1"

    def _shown(self, columns: tuple[Identifier, ...]) -> str:
        return names((*columns, event_date.COLUMN) if self.date else columns)

    def _rows(self, columns: tuple[Identifier, ...]) -> str:
        """The table's rows, with their date as a column, by which the window can be partitioned."""
        where = ""
        if self.type_column is not None:
            where = f" WHERE NOT STARTSWITH(COALESCE({self.type_column.sql()}, ''), {literal(INTERNAL)})"
        if self.date is None:
            return f"{self.table.sql()}{where}"
        needed = names(dict.fromkeys((*columns, self.key, *self.order)))
        return f"(SELECT {needed}, {self.date.sql()} AS {event_date.COLUMN.sql()} FROM {self.table.sql()}{where})"


@dataclass(frozen=True)
class Kept:
    """All rows of a dynamic table that has each event once, with its date.

    Attributes:
        table: the dynamic table.
        columns: none that it needs.
    """

    table: ObjectName
    columns: tuple[Identifier, ...] = ()

    @property
    def types(self) -> dict[str, str]:
        """The columns that are shown in any case."""
        return {event_date.COLUMN.value: "DATE"}

    def sql(self, columns: Iterable[Identifier]) -> str:
        """The query."""
        return f"SELECT {names((*columns, event_date.COLUMN))} FROM {self.table.sql()}"


def names(columns: Iterable[Identifier]) -> str:
    """The columns, separated by commas."""
    return ", ".join(column.sql() for column in columns)
