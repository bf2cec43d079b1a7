"""Each event once: what views and dynamic tables for analysts show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clickstream.snowflake.table import SnowflakeTable
from clickstream_wire.columns import EVENT_DATE
from clickstream_wire.resources import FirstArrivals as Properties


@dataclass(frozen=True)
class FirstArrivals:
    """Each event of a table once, as it first arrived, without the pipeline's own test events.

    Delivery is at least once, so the table may hold an event twice. Rows without a key are all kept. Test events are
    those whose type begins with an underscore. All columns of the table are shown; those that schema evolution adds are
    in the table only, until they are listed there.

    A column EVENT_DATE is added, the UTC day of the event. Copies are looked for within one such day only, so that a
    query of some days reads these days only. The day is that of the event's own clock, if it lies at most `late_days`
    before the arrival and not more than a day after it, else the nearest of these days. So a copy that arrives later
    than that counts as another event, and a wrong clock does not move an event out of all queries.

    Attributes:
        table: the table.
        key: the column that identifies an event.
        order: the columns that determine which row arrived first.
        type_column: the column of the event's type.
        arrival_columns: the columns of its arrival, the first with a value counts.
        time_column: the column of the event's own time, with a time zone; empty: its day is that of its arrival.
        late_days: how many days after an event its copies may arrive, 0 to 365.

    Raises:
        ValueError: the table lacks one of these columns, or has a column EVENT_DATE; or no column of arrival is named.

    https://docs.snowflake.com/en/sql-reference/sql/create-view
    """

    table: SnowflakeTable
    key: str
    order: Sequence[str]
    type_column: str
    arrival_columns: Sequence[str]
    time_column: str = ""
    late_days: int = 7

    def __post_init__(self) -> None:
        """Check the columns."""
        known = {column.name.upper() for column in self.table.columns}
        named = (self.key, *self.order, self.type_column, *self.arrival_columns, self.time_column)
        if missing := [column for column in named if column and column.upper() not in known]:
            raise ValueError(
                f"showing each event once needs columns that {self.table.name} does not have: {', '.join(missing)}"
            )
        if not self.arrival_columns:
            raise ValueError(
                f"each event of {self.table.name} needs a column of its arrival, such as LOADED_AT"
            )
        if EVENT_DATE in known:
            raise ValueError(
                f"{self.table.name} has a column {EVENT_DATE}, which is computed: name it otherwise"
            )

    def to_properties(self) -> Properties:
        """The properties that the landing Lambda reads."""
        return {
            "Table": self.table.name.to_properties(),
            "Key": self.key,
            "Order": list(self.order),
            "TypeColumn": self.type_column,
            "EventTime": self.time_column,
            "Arrival": list(self.arrival_columns),
            "LateDays": str(self.late_days),
        }
