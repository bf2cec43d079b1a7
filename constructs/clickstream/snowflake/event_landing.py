"""The Snowflake objects of one kind of event: from a folder of the lake to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from constructs import Construct

from clickstream.lake.lake import Lake
from clickstream.lake.notifications import LakeNotifications
from clickstream.snowflake.dynamic_table import SnowflakeDynamicTable
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.first_arrivals import FirstArrivals
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.pipe import SnowflakePipe
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.sessions import Sessions
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.stage_key import StageKey
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column, SnowflakeTable
from clickstream.snowflake.view import SnowflakeView
from clickstream_wire.columns import (
    EVENT_ID,
    EVENT_TIME,
    EVENT_TYPE,
    LOADED_AT,
    RECEIVED_AT,
    SOURCE_FILE,
    SOURCE_ROW,
)

_LOAD_TIME = "METADATA$START_SCAN_TIME"
# In this order they also determine which copy of an event arrived first.
METADATA_COLUMNS: Mapping[str, Column] = {
    _LOAD_TIME: Column(LOADED_AT, "TIMESTAMP_LTZ", "When Snowpipe began to read the file"),
    "METADATA$FILENAME": Column(SOURCE_FILE, "VARCHAR", "File in the lake that the event came from"),
    "METADATA$FILE_ROW_NUMBER": Column(SOURCE_ROW, "NUMBER(38,0)", "Row of that file"),
}

ARRIVAL_COLUMN = Column(RECEIVED_AT, "TIMESTAMP_TZ", "When the event's record arrived")
"""Filled by an event gate."""


class EventLanding(Construct):
    """Stage, table, pipe and the analysts' view of one kind of event.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates them.
        lake: the lake that has the files.
        access: how Snowflake reads them: with a key or through an integration.
        file_format: how to read the files.
        data_prefix: the folder of these events.
        stage: the stage's full name.
        table: the table's.
        pipe: the pipe's.
        view: the view's, which shows each event once; None for no view.
        columns: the fields of the event, EVENT_ID and EVENT_TYPE among them; TIMESTAMP, if there is one, is its time.
        metadata_columns: the file's metadata → the column that stores it; in the order that determines which of two
            copies of an event arrived first.
        dynamic_table: the full name of a dynamic table that keeps each event once, and which the view then reads; None:
            the view computes this in each query.
        sessions: the full name of a view of the sessions, see `Sessions`; None for no such view.
        sessions_table: likewise a dynamic table that keeps the sessions; only with `dynamic_table`.
        warehouse: refreshes the dynamic tables.
        target_lag_minutes: how old their rows may be.
        late_days: how many days after an event its copies may arrive, see `FirstArrivals`.
        keep_days: how many days rows are kept, see `SnowflakeTable` and `SnowflakeDynamicTable`; more than `late_days`.
            None: always.
        day_folder: the folder of a day inside `data_prefix`, see `SnowflakePipe`.
        on_error: how a file with bad lines is handled, see `SnowflakePipe`.
        schema_evolution: whether loads add columns for new fields, see `SnowflakeTable`.
        error_logging: whether refused rows are kept in an error table, see `SnowflakeTable`.
        on_delete: what happens to the table's rows when its resource is deleted.
        comment: shown in Snowflake with each object.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        lake: Lake,
        access: StageKey | SnowflakeStorageIntegration,
        file_format: SnowflakeFileFormat,
        data_prefix: str,
        stage: SnowflakeName,
        table: SnowflakeName,
        pipe: SnowflakeName,
        view: SnowflakeName | None,
        columns: Sequence[Column],
        metadata_columns: Mapping[str, Column] = METADATA_COLUMNS,
        sessions: SnowflakeName | None = None,
        dynamic_table: SnowflakeName | None = None,
        sessions_table: SnowflakeName | None = None,
        warehouse: str = "",
        target_lag_minutes: int = 60,
        late_days: int = 7,
        keep_days: int | None = None,
        day_folder: str = "",
        on_error: str = "CONTINUE",
        schema_evolution: bool = False,
        error_logging: bool = True,
        on_delete: Literal["retain", "drop"] = "retain",
        comment: str = "",
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage = SnowflakeStage(
            self,
            "Stage",
            provider=provider,
            name=stage,
            lake=lake,
            access=access,
            data_prefix=data_prefix,
            comment=comment,
        )
        self._table = SnowflakeTable(
            self,
            "Table",
            provider=provider,
            name=table,
            columns=[*columns, *metadata_columns.values()],
            schema_evolution=schema_evolution,
            error_logging=error_logging,
            on_delete=on_delete,
            keep_days=keep_days,
            load_time_column=metadata_columns[_LOAD_TIME].name if _LOAD_TIME in metadata_columns else "",
            comment=comment,
        )
        self._pipe = SnowflakePipe(
            self,
            "Pipe",
            provider=provider,
            name=pipe,
            stage=self._stage,
            table=self._table,
            file_format=file_format,
            metadata_columns={column.name: source for source, column in metadata_columns.items()},
            day_folder=day_folder,
            on_error=on_error,
            comment=comment,
        )
        self._view = None
        if view:
            once = _first_arrivals(self._table, metadata_columns, late_days)
            kept = dynamic_table and SnowflakeDynamicTable(
                self,
                "DynamicTable",
                provider=provider,
                name=dynamic_table,
                rows=once,
                target_lag_minutes=target_lag_minutes,
                warehouse=warehouse,
                keep_days=keep_days,
                comment=comment,
            )
            self._view = SnowflakeView(
                self, "View", provider=provider, name=view, rows=kept or once, comment=comment
            )
            if sessions:
                visits = Sessions(kept or self._view)
                kept_visits = sessions_table and SnowflakeDynamicTable(
                    self,
                    "SessionsTable",
                    provider=provider,
                    name=sessions_table,
                    rows=visits,
                    target_lag_minutes=target_lag_minutes,
                    warehouse=warehouse,
                    comment=f"{comment}, sessions",
                )
                SnowflakeView(
                    self,
                    "Sessions",
                    provider=provider,
                    name=sessions,
                    rows=kept_visits or visits,
                    comment=f"{comment}, sessions",
                )

    @property
    def view(self) -> SnowflakeView | None:
        """The view, for analysts."""
        return self._view

    @property
    def table(self) -> SnowflakeTable:
        """The table, for views on it."""
        return self._table

    @property
    def pipe(self) -> SnowflakePipe:
        """The pipe, for a monitor."""
        return self._pipe

    @property
    def notification_channel(self) -> str:
        """ARN of the queue that the lake must notify of new files in `data_prefix`."""
        return self._pipe.notification_channel

    def refresh_after(self, notifications: LakeNotifications) -> None:
        """Load what reached the lake before its notifications were in effect."""
        self._pipe.refresh_after(notifications)


def _first_arrivals(table: SnowflakeTable, metadata: Mapping[str, Column], late_days: int) -> FirstArrivals:
    """Each event once; it arrived when the gate noted that, or without a gate when it was loaded."""
    arrival = [column.name for column in table.columns if column == ARRIVAL_COLUMN]
    arrival += [column.name for source, column in metadata.items() if source == _LOAD_TIME]
    return FirstArrivals(
        table=table,
        key=EVENT_ID,
        order=[column.name for column in metadata.values()],
        type_column=EVENT_TYPE,
        arrival_columns=arrival,
        time_column=EVENT_TIME if any(column.name == EVENT_TIME for column in table.columns) else "",
        late_days=late_days,
    )
