"""The rows of the last hour, and what the load history says of their files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from cli.doctor.checks.landing import named, shown
from clickstream_wire.columns import CANARY, EVENT_TYPE, LOADED_AT, SOURCE_FILE, SOURCE_ROW
from pipeline_monitor.loads import file_name
from snowflake_setup.sql.identifiers import literal
from snowflake_setup.sql.timestamps import timestamp

if TYPE_CHECKING:
    from cli.doctor.patient import Patient, Row
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en"
# The monitor takes the loads of a window as complete half a minute after its end, or after another window if that is
# shorter (pipeline_monitor/windows.py); as long again is for the load itself, whose start the rows show.
_SETTLING = 30


def _summary(patient: Patient, stream: EventStream) -> Row:
    (row,) = patient.rows(
        f'SELECT MAX("{SOURCE_FILE}") AS NEWEST, COUNT(*) AS N, '
        f'COUNT(DISTINCT "{SOURCE_FILE}" || \':\' || "{SOURCE_ROW}") AS PLACES, '
        f'MAX(IFF("{EVENT_TYPE}" = {literal(CANARY)}, "{LOADED_AT}", NULL)) AS CANARY '
        f"FROM {named(patient, stream.table).sql()} WHERE {_in_last_hour()}"
    )
    return row


def _in_last_hour() -> str:
    return f'"{LOADED_AT}" >= DATEADD(HOUR, -1, CURRENT_TIMESTAMP())'


def _history(patient: Patient, stream: EventStream) -> list[Row]:
    table = named(patient, stream.table)
    return patient.rows(
        "SELECT FILE_NAME, STAGE_LOCATION, STATUS FROM "
        f"TABLE({table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => {literal(table.sql())}, START_TIME => DATEADD(HOUR, -2, CURRENT_TIMESTAMP())))"
    )


def _files(patient: Patient, stream: EventStream) -> dict[str, datetime]:
    """The files of the last hour's rows, and the time at which each was read."""
    rows = patient.rows(
        f'SELECT "{SOURCE_FILE}" AS FILE, MAX("{LOADED_AT}") AS AT FROM {named(patient, stream.table).sql()} '
        f'WHERE {_in_last_hour()} GROUP BY "{SOURCE_FILE}"'
    )
    return {str(row["file"]): timestamp(row["at"]) for row in rows}


def _canary(patient: Patient, stream: EventStream) -> Finding:
    config = patient.config
    if not config.monitor.enabled:
        return skipped("the monitor is off")
    newest = _summary(patient, stream)["canary"]
    limit = max(config.monitor.freshness_seconds, 2 * config.streaming.buffer_interval_seconds)
    if newest is None and patient.age("Ops") < limit:
        return unknown(f"none yet; a canary may take {limit} s")
    if newest is None:
        return ill("no canary became a row in the last hour")
    age = (datetime.now(UTC) - timestamp(newest)).total_seconds()
    return (well if age <= limit else ill)(
        f"the newest canary was loaded {age:.0f} s ago, at most {limit} are normal"
    )


def _path(patient: Patient, stream: EventStream) -> Finding:
    newest = _summary(patient, stream)["newest"]
    if newest is None:
        return unknown("no row in the last hour")
    return (well if str(newest).startswith(stream.data_prefix) else ill)(f"a row's file is {newest}")


def _once(patient: Patient, stream: EventStream) -> Finding:
    row = _summary(patient, stream)
    doubled = int(row["n"]) - int(row["places"])
    if doubled:
        return ill(f"{doubled} of {row['n']} rows of the last hour have the file and line of another")
    return well(f"{row['n']} rows of the last hour, each of another file or line")


def _told_late(patient: Patient, stream: EventStream) -> Finding:
    known = {file_name(str(row["file_name"])) for row in _history(patient, stream)}
    settled = datetime.now(UTC) - timedelta(seconds=2 * min(_SETTLING, patient.config.monitor.window_seconds))
    # The history of a pipe that was replaced is gone.
    pipe = shown(patient, f"SHOW PIPES LIKE {literal(stream.pipe)}", stream.pipe)
    created = timestamp(pipe["created_on"])
    files = {file for file, at in _files(patient, stream).items() if created < at < settled}
    if not files:
        return unknown("no file of the last hour was loaded more than a moment ago")
    late = [file for file in files if file_name(file) not in known]
    if late:
        return ill(
            f"{len(late)} of {len(files)} files are rows, and not in the history, for example {late[0]}"
        )
    return well(f"{len(files)} loaded files are in the history")


def _same_name(patient: Patient, stream: EventStream) -> Finding:
    history = {file_name(str(row["file_name"])): row for row in _history(patient, stream)}
    for file in _files(patient, stream):
        row = history.get(file_name(file))
        if row is None:
            continue
        path = str(row["stage_location"]).rstrip("/") + "/" + str(row["file_name"])
        told = f"{row['file_name']} in {row['stage_location']} for the rows' {file}"
        return (well if path.endswith(f"/{file}") else ill)(told)
    return unknown("no file of the last hour is in the history")


_AFTER = ("snowflake-login", "pipe-running", "notifications", "stage", "front-door", "delivery-stream")
CHECKS = (
    Check(
        name="canary",
        title="New events become rows",
        looks_at="the newest row that is a canary, which the pipeline sends each minute",
        otherwise="`clickstream status`, `SYSTEM$PIPE_STATUS`, `COPY_HISTORY`; the runbook's end-to-end-freshness",
        source=f"{_DOCS}/user-guide/data-load-snowpipe-intro",
        when=When.AFTER,
        stack="Ops",
        look=lambda patient: patient.each_kind(_canary),
        needs=_AFTER,
    ),
    Check(
        name="source-file",
        title="`SOURCE_FILE` holds the path in the bucket (`METADATA$FILENAME`)",
        looks_at="`MAX(SOURCE_FILE)`: it begins with the data prefix",
        otherwise="report it: a pipe replacement uses this column to find loaded files",
        source=f"{_DOCS}/user-guide/querying-metadata",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_path),
        needs=("snowflake-login",),
    ),
    Check(
        name="rows-once",
        title="No line was loaded twice; after a pipe's replacement, too",
        looks_at="rows of the last hour by `SOURCE_FILE` and `SOURCE_ROW`",
        otherwise="report it with the landing function's log, which shows the files that it considered loaded",
        source=f"{_DOCS}/user-guide/data-load-snowpipe-manage",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_once),
        needs=("snowflake-login",),
    ),
    Check(
        name="history-delay",
        title="`COPY_HISTORY` shows a load within half a minute",
        looks_at="files of rows that are older than a minute, in `COPY_HISTORY`",
        otherwise="raise the settling time in `pipeline_monitor/windows.py`, and report it",
        source=f"{_DOCS}/sql-reference/functions/copy_history",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_told_late),
        needs=("snowflake-login",),
    ),
    Check(
        name="history-names",
        title="`COPY_HISTORY` names a file as `SOURCE_FILE` does, with its stage's location",
        looks_at="`FILE_NAME` and `STAGE_LOCATION` of a file that rows name",
        otherwise="report it: a pipe replacement would stop with “may have loaded only a part of …”",
        source=f"{_DOCS}/sql-reference/functions/copy_history",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_same_name),
        needs=("snowflake-login",),
    ),
)
