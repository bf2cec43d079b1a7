"""Queries of views and dynamic tables: read from properties, and checked against the table that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from snowflake_setup.objects.look import See
from snowflake_setup.objects.table import ShownTable
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier

_LONGEST_DELAY = 365


def read_first_arrivals(properties: Properties) -> FirstArrivals:
    """The query that shows each event of a table once."""
    return FirstArrivals(
        table=properties.reference("Table"),
        key=properties.identifier("Key"),
        order=properties.listed("Order", Identifier),
        type_column=properties.identifier("TypeColumn") if properties.text("TypeColumn", "") else None,
        date=_read_date(properties),
    )


def source_types(
    query: FirstArrivals, reader: str, columns: Iterable[Identifier], see: See
) -> Mapping[str, str]:
    """The types of the columns that the query can show.

    Args:
        query: the query.
        reader: what has it, for errors.
        columns: the columns that it shall show.
        see: looks its table up.

    Raises:
        DefinitionConflictError: its table does not exist.
        PropertyError: that lacks a column.
    """
    table = see(ShownTable, query.table)
    if table is None:
        raise DefinitionConflictError(
            f"table {query.table} of {reader} does not exist, or the role cannot see it"
        )
    types = {name: column.type for name, column in table.columns.items()}
    if missing := sorted({column.value for column in (*columns, *query.columns)} - set(types)):
        raise PropertyError(f"table {query.table} of {reader} has no column {', '.join(missing)}")
    return types


def _read_date(properties: Properties) -> EventDate | None:
    """The date of an event; templates of an earlier version do not have it."""
    if not properties.text("LateDays", ""):
        return None
    return EventDate(
        arrival=properties.listed("Arrival", Identifier),
        time=properties.identifier("EventTime") if properties.text("EventTime", "") else None,
        late_days=properties.parsed("LateDays", _days),
    )


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > _LONGEST_DELAY:
        raise ValueError(f"must be a number of days from 0 to {_LONGEST_DELAY}, got {text!r}")
    return int(text)
