"""Canaries that became rows: how fresh the table is, and how long the whole way took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.canary_event import sent_at
from pipeline_monitor.loads import file_name
from pipeline_monitor.metrics import Measure
from snowflake_setup.session.session import Row
from snowflake_setup.sql.timestamps import timestamp

# The schedule's clock and Snowflake's are not one.
_CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class CanaryRow:
    """A canary in the table: when it was sent, and the file it came in."""

    sent: datetime
    file: str


def read_canaries(rows: Iterable[Row]) -> list[CanaryRow]:
    """The canaries of a query's rows.

    Whoever may send events may send one of our type. One whose id is not of our form is left out, and so is one that
    became a row before it was sent: it would make the table look fresh while nothing arrives.
    """
    found = list[CanaryRow]()
    for row in rows:
        sent = sent_at(str(row["event_id"]))
        if sent is not None and sent <= timestamp(row["loaded_at"]) + _CLOCKS_DIFFER:
            found.append(CanaryRow(sent, file_name(str(row["source_file"]))))
    return found


def freshness_measures(canaries: Iterable[CanaryRow], now: datetime) -> Iterator[Measure]:
    """How old the newest canary is; nothing while there is none."""
    newest = max((canary.sent for canary in canaries), default=None)
    if newest is not None:
        age = max(0.0, (now - newest).total_seconds())
        yield Measure(PipeMetric.END_TO_END_FRESHNESS, age, "Seconds", now)


def arrivals(canaries: Iterable[CanaryRow], commits: Mapping[str, datetime]) -> dict[datetime, datetime]:
    """When each canary became a row, by when it was sent; of one that came twice, the first time."""
    arrived: dict[datetime, datetime] = {}
    for canary in canaries:
        committed = commits.get(canary.file)
        if committed is not None:
            arrived[canary.sent] = min(committed, arrived.get(canary.sent, committed))
    return arrived
