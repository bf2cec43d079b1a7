"""Canaries that became rows: freshness of the table, and latency from end to end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.canary_event import sent_at
from pipeline_monitor.loads import file_name
from pipeline_monitor.metrics import Measure
from snowflake_setup.session.session import Row
from snowflake_setup.sql.timestamps import timestamp

# The clocks of the schedule and of Snowflake may differ.
_CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class CanaryRow:
    """A canary in the table: the time it was sent, and its file."""

    sent: datetime
    file: str


def read_canaries(rows: Iterable[Row]) -> list[CanaryRow]:
    """The canaries in the rows of a query.

    Anyone who may send events can send one of this type. Events with another form of id are ignored, and so are those
    that became rows before they were sent: they would make the table look fresh while nothing arrives.
    """
    found = list[CanaryRow]()
    for row in rows:
        sent = sent_at(str(row["event_id"]))
        if sent is not None and sent <= timestamp(row["loaded_at"]) + _CLOCKS_DIFFER:
            found.append(CanaryRow(sent, file_name(str(row["source_file"]))))
    return found


def newest_canary(canaries: Iterable[CanaryRow]) -> datetime | None:
    """The time at which the newest one was sent."""
    return max((canary.sent for canary in canaries), default=None)


def freshness_measure(newest: datetime, now: datetime) -> Measure:
    """The age of the newest canary."""
    return Measure(PipeMetric.END_TO_END_FRESHNESS, max(0.0, (now - newest).total_seconds()), "Seconds", now)


def arrivals(canaries: Iterable[CanaryRow], commits: Mapping[str, datetime]) -> dict[datetime, datetime]:
    """The time at which each canary became a row, by the time it was sent; for duplicates, the first time."""
    arrived: dict[datetime, datetime] = {}
    for canary in canaries:
        committed = commits.get(canary.file)
        if committed is not None:
            arrived[canary.sent] = min(committed, arrived.get(canary.sent, committed))
    return arrived
