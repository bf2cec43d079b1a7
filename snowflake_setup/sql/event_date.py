"""The UTC day of an event, by which queries of analysts are pruned."""

from __future__ import annotations

from dataclasses import dataclass

from clickstream_wire.columns import EVENT_DATE
from snowflake_setup.sql.identifiers import Identifier

COLUMN = Identifier(EVENT_DATE)


@dataclass(frozen=True)
class EventDate:
    """The UTC day of an event by its own clock, at most `late_days` before its arrival and a day after it.

    Copies of an event carry its time, so they have one date, unless one arrives more than `late_days` after the event.
    A wrong clock moves an event to the nearest of these days: neither retention nor a micro-partition's range of days
    depends on it. LEAST and GREATEST are used, since Snowflake derives the range of a function's results from those
    of its arguments (https://arxiv.org/abs/2504.11540). The time zone is named, so that the
    result depends on no session, as incremental refreshes require.

    Attributes:
        arrival: the columns of its arrival, the first that has a value counts; a row without any has no date.
        time: the column of the event's own time, if any; a row without one has the day of its arrival.
        late_days: how many days before its arrival an event may have happened.
    """

    arrival: tuple[Identifier, ...]
    time: Identifier | None
    late_days: int

    def sql(self) -> str:
        """The expression, a DATE."""
        arrival = _first([_utc_day(column) for column in self.arrival])
        if self.time is None:
            return arrival
        day = f"COALESCE({_utc_day(self.time)}, {arrival})"
        return f"LEAST(GREATEST({day}, {arrival} - {self.late_days}), {arrival} + 1)"


def _utc_day(column: Identifier) -> str:
    return f"TO_DATE(CONVERT_TIMEZONE('UTC', {column.sql()}))"


def _first(values: list[str]) -> str:
    """COALESCE, which needs two arguments."""
    return values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"
