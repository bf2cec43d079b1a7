"""A round trip: send events through a deployed pipeline, count their rows, measure the latency."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from snowflake.connector import SnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

import contract
import producer
from cli.deployment import Deployment
from cli.output import CommandError, step
from clickstream_wire.columns import EVENT_ID, EVENT_TYPE, INTERNAL, LOADED_AT, SOURCE_FILE, SOURCE_ROW
from config.model import PipelineConfig
from contract import Found
from pipeline_monitor.load_measures import percentile
from pipeline_monitor.loads import file_name
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal

_HISTORY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 30.0
# Types that begin with an underscore, such as that of canaries, are not counted, as in the deduplicated view.
_IS_EVENT = f"NOT STARTSWITH(COALESCE(\"{EVENT_TYPE}\", ''), '{INTERNAL}')"


def round_trip(
    deployment: Deployment, documents: Iterable[Found | None], rejects_file: Path
) -> dict[str, Any]:
    """Send events of the first kind, wait until they are rows or none has arrived for a while, and report on all."""
    config = deployment.config
    stream = config.event_streams[0]
    table = ObjectName.of(config.snowflake.database, config.snowflake.schema_name, stream.table)
    taken_at: dict[str, float] = {}
    with (
        producer.RejectsFile(rejects_file) as rejects,
        step("events sent to " + config.streaming.source.replace("_", " ")) as progress,
    ):
        report = producer.send(
            documents,
            contract=contract.load(stream.contract),
            target=deployment.front_door(stream),
            rejects=rejects,
            options=producer.SendOptions(unlisted=config.unlisted),
            on_sent=lambda event_ids, at: taken_at.update(dict.fromkeys(event_ids, at)),
            on_progress=lambda report: progress(f"{report.sent:,} sent"),
        )
    with deployment.snowflake() as session:
        with step("events arrived as rows") as progress, session.cursor() as cursor:
            for events in _counts(cursor, table, expected=report.sent, patience=_patience(config)):
                progress(f"{events:,} of {report.sent:,}")
        return {
            "events_read": report.read,
            "events_sent": report.sent,
            "events_retried": report.retried,
            "events_rejected": report.rejected,
            "events_failed": report.failed,
            "stopped": report.stopped,
            "distinct_events_sent": len(taken_at),
            **describe_rows(session, table),
            "event_to_row_seconds": _seconds_to_row(session, table, taken_at),
        }


def one_row(cursor: SnowflakeCursor, sql: str) -> tuple[Any, ...]:
    """The row of a statement that always has one."""
    row = cursor.execute(sql).fetchone()
    if not isinstance(row, tuple):
        raise CommandError(f"Snowflake returned no row for: {sql}")
    return row


def count_rows(cursor: SnowflakeCursor, table: ObjectName) -> tuple[int, int]:
    """The number of rows of a table, and of events among them."""
    rows, events = one_row(cursor, f"SELECT COUNT(*), COUNT_IF({_IS_EVENT}) FROM {table.sql()}")
    return int(rows), int(events or 0)  # COUNT_IF of no rows may be NULL


def describe_rows(session: SnowflakeConnection, table: ObjectName) -> dict[str, Any]:
    """Counts of rows, distinct events, files and types, and one query of the free properties."""
    with session.cursor() as cursor:
        rows, distinct, files, complete = one_row(
            cursor,
            f'SELECT COUNT(*), COUNT(DISTINCT "{EVENT_ID}"), COUNT(DISTINCT "{SOURCE_FILE}"), '
            f'COUNT_IF("{SOURCE_FILE}" IS NOT NULL AND "{SOURCE_ROW}" IS NOT NULL AND "{LOADED_AT}" IS NOT NULL) '
            f"FROM {table} WHERE {_IS_EVENT}",
        )
        types = cursor.execute(
            f'SELECT "{EVENT_TYPE}", COUNT(*) FROM {table} WHERE {_IS_EVENT} GROUP BY 1 ORDER BY 2 DESC'
        ).fetchall()
        return {
            "rows_loaded": int(rows),
            "distinct_event_ids": int(distinct),
            "files_loaded": int(files),
            "rows_with_file_row_and_load_time": int(complete or 0),  # COUNT_IF of no rows may be NULL
            "event_types": {str(name): int(number) for name, number in types},
            "properties_by_path": _top_values(cursor, table),
        }


def _top_values(cursor: SnowflakeCursor, table: ObjectName) -> dict[str, Any]:
    """The most frequent values of one property, queried by its path."""
    found = cursor.execute(
        f'SELECT "PROPERTIES" FROM {table} WHERE "PROPERTIES" IS NOT NULL AND {_IS_EVENT} LIMIT 1'
    ).fetchone()
    keys = [key for key, value in json.loads(found[0]).items() if _can_be_asked(key, value)] if found else []
    if not keys:
        return {}
    path = f'"PROPERTIES":{Identifier(keys[0]).sql()}'
    rows = cursor.execute(
        f"SELECT {path}::VARCHAR, COUNT(*) FROM {table} WHERE {_IS_EVENT} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3"
    ).fetchall()
    return {
        "path": f"properties:{keys[0]}",
        "most_frequent": {"NULL" if value is None else str(value): int(number) for value, number in rows},
    }


def _can_be_asked(key: str, value: object) -> bool:
    """True if the property can be queried by a path: a scalar, with a name that Snowflake can store."""
    return 1 <= len(key) <= 255 and key.isprintable() and not isinstance(value, dict | list)


def _patience(config: PipelineConfig) -> float:
    """Seconds without a new row after which none is expected any more."""
    return _PATIENCE_SECONDS + config.streaming.buffer_interval_seconds + config.gate.buffer_interval_seconds


def _counts(cursor: SnowflakeCursor, table: ObjectName, *, expected: int, patience: float) -> Iterator[int]:
    """The number of events in the table as it grows, until `expected` are there or no more come."""
    events, last_change = -1, time.monotonic()
    while events < expected and time.monotonic() - last_change <= patience:
        _, counted = count_rows(cursor, table)
        if counted == events:
            time.sleep(_POLL_SECONDS)
            continue
        events, last_change = counted, time.monotonic()
        yield events


def _seconds_to_row(
    session: SnowflakeConnection, table: ObjectName, taken_at: dict[str, float]
) -> dict[str, float]:
    """The latency of events from the stream to the table: median, 95th percentile and maximum, in seconds.

    An event's row is visible when the load of its file is committed, at the time in the load history.
    """
    with session.cursor() as cursor:
        rows = cursor.execute(
            f'SELECT "{EVENT_ID}", "{SOURCE_FILE}" FROM {table} WHERE {_IS_EVENT}'
        ).fetchall()
        committed = _committed(cursor, table, {file_name(file) for _, file in rows})
    waits = sorted(
        committed[file_name(file)].timestamp() - taken_at[event_id]
        for event_id, file in rows
        if event_id in taken_at and file_name(file) in committed
    )
    if not waits:
        return {}
    seconds = {"p50": percentile(waits, 0.5), "p95": percentile(waits, 0.95), "max": waits[-1]}
    return {name: round(value, 3) for name, value in seconds.items()}


def _committed(cursor: SnowflakeCursor, table: ObjectName, files: set[str]) -> dict[str, datetime]:
    """The time at which the load of each file was committed; the load history may be later than the rows."""
    ends = time.monotonic() + _HISTORY_SECONDS
    while True:
        loads = cursor.execute(_load_times(table)).fetchall()
        committed = {file_name(name): at for name, at in loads}
        if files <= committed.keys() or time.monotonic() > ends:
            return committed
        time.sleep(_POLL_SECONDS)


def _load_times(table: ObjectName) -> str:
    history = f"{table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY"
    since = "DATEADD(HOURS, -24, CURRENT_TIMESTAMP())"
    return (
        "SELECT FILE_NAME, LAST_LOAD_TIME "
        f"FROM TABLE({history}(TABLE_NAME => {literal(str(table))}, START_TIME => {since}))"
    )
