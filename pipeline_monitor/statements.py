"""The monitor's queries, in addition to SYSTEM$PIPE_STATUS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clickstream_wire.columns import CANARY, EVENT_ID, EVENT_TYPE, LOADED_AT, SOURCE_FILE
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import literal
from snowflake_setup.sql.timestamps import instant


@dataclass(frozen=True)
class LoadHistory(Statement):
    """Files that pipes have loaded or failed to load into the table since then; other loads lack the time.

    Needs a warehouse. https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    kind = "SELECT COPY_HISTORY"
    needs = "SELECT ON TABLE"
    reads = True

    since: datetime

    def sql(self) -> str:
        return (
            "SELECT FILE_NAME, STATUS, LAST_LOAD_TIME, PIPE_RECEIVED_TIME, ROW_COUNT, ROW_PARSED, FILE_SIZE, "
            f"ERROR_COUNT FROM TABLE({self.name.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => {literal(self.name.sql())}, START_TIME => {instant(self.since)})) "
            "WHERE PIPE_RECEIVED_TIME IS NOT NULL"
        )


@dataclass(frozen=True)
class NewestRow(Statement):
    """The time at which the newest row was read from its file: the table's metadata has it, so no row is read."""

    kind = "SELECT newest row"
    needs = "SELECT ON TABLE"
    reads = True

    def sql(self) -> str:
        return f'SELECT MAX("{LOADED_AT}") AS LOADED_AT FROM {self.name.sql()}'


@dataclass(frozen=True)
class CanaryRows(Statement):
    """The canaries that became rows since then, each with its file and the time of its load. Needs a warehouse."""

    kind = "SELECT canary rows"
    needs = "SELECT ON TABLE"
    reads = True

    since: datetime

    def sql(self) -> str:
        return (
            f'SELECT "{EVENT_ID}", "{SOURCE_FILE}", "{LOADED_AT}" FROM {self.name.sql()} '
            f'WHERE "{LOADED_AT}" >= {instant(self.since)} AND "{EVENT_TYPE}" = {literal(CANARY)}'
        )
