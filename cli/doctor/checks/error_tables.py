"""Error tables: whether the account offers them, and whether loads write into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from cli.doctor.checks.landing import named, shown
from cli.rejects.refused_rows import ErrorRows, RefusedRow, by_file
from pipeline_monitor.loads import file_name
from snowflake_setup.sql.identifiers import literal
from snowflake_setup.sql.timestamps import timestamp

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en/user-guide"
_DELAY = timedelta(minutes=15)
_PERIOD = timedelta(days=1)


def _recorded(patient: Patient, stream: EventStream) -> list[RefusedRow]:
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - _PERIOD
    rows = patient.rows(ErrorRows(named(patient, stream.table), since).sql())
    return [RefusedRow.of_error_table(row) for row in rows]


def _offered(patient: Patient, stream: EventStream) -> Finding:
    if not patient.config.snowflake.error_logging:
        return skipped("snowflake.error_logging is false")
    row = shown(patient, f"SHOW TABLES LIKE {literal(stream.table)}", stream.table)
    logging = row.get("error_logging")
    if logging is None:
        return unknown("`SHOW TABLES` has no column `error_logging`: is the behavior change 2026_03 off?")
    if logging != "ON":
        return ill(f"table {stream.table} has no error table: ERROR_LOGGING is {logging}")
    recorded = _recorded(patient, stream)
    if nameless := [row for row in recorded if not row.path]:
        return ill(f"{len(nameless)} of {len(recorded)} refused rows do not name their file")
    placed = sum(1 for row in recorded if row.row)
    return well(f"{len(recorded)} rows refused since yesterday, {placed} with their row number")


def _used(patient: Patient, stream: EventStream) -> Finding:
    if not patient.config.snowflake.error_logging:
        return skipped("snowflake.error_logging is false")
    table = named(patient, stream.table)
    files = patient.rows(
        "SELECT FILE_NAME, LAST_LOAD_TIME AS REFUSED_AT FROM "
        f"TABLE({table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => {literal(table.sql())}, START_TIME => DATEADD(DAY, -1, CURRENT_TIMESTAMP()))) "
        "WHERE ERROR_COUNT > 0 AND ROW_COUNT > 0"
    )
    stack = patient.stack("Landing") or {}
    used_from = stack.get("LastUpdatedTime", stack["CreationTime"]) + _DELAY
    refusing = {file_name(str(row["file_name"])) for row in files if timestamp(row["refused_at"]) > used_from}
    if not refusing:
        return skipped("no row was refused since 15 minutes after the deployment, within a day")
    missing = sorted(refusing - by_file(_recorded(patient, stream)).keys())
    if missing:
        return ill(
            f"refused rows of {len(missing)} files are not in the error table, such as of {missing[0]}"
        )
    return well(f"refused rows of {len(refusing)} files are in the error table")


CHECKS = (
    Check(
        name="error-tables",
        title="Refused rows are kept in error tables, with the file they were in",
        looks_at="`SHOW TABLES`, column `error_logging`; `ERROR_TABLE(…)`, field `error_metadata`: its names for "
        "file and row are not documented",
        otherwise="deploy again; if the log of the landing function says that refused rows are not kept, the account "
        "has no error tables, and `clickstream rejects` falls back to `VALIDATE_PIPE_LOAD`. If a pipe says that error "
        "logging is not supported in `COPY INTO`, set `snowflake.error_logging = false`. Report rows without a file",
        source=f"{_DOCS}/data-load-error-tables",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_offered),
        needs=("snowflake-login", "owners"),
    ),
    Check(
        name="error-tables-used",
        title="A pipe uses the error table within 15 minutes",
        looks_at="`COPY_HISTORY` for files with refused rows, and `ERROR_TABLE(…)`",
        otherwise="report it; `clickstream rejects` has the rows from `VALIDATE_PIPE_LOAD`, for 14 days",
        source=f"{_DOCS}/data-load-error-tables-pipes",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_used),
        needs=("error-tables",),
    ),
)
