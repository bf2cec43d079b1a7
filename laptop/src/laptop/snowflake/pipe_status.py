"""The status of a pipe: SYSTEM$PIPE_STATUS."""

from __future__ import annotations

import json
from typing import Any

from laptop.snowflake.access import Access
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.loading.jobs import bind
from laptop.snowflake.objects import FileFormat, Pipe, Stage, Table
from laptop.snowflake.pipes import Pipes
from laptop.snowflake.store import Store


class PipeStatus:
    """Builds the status that Snowflake would report for a pipe."""

    def __init__(self, *, store: Store, catalog: Catalog, access: Access, pipes: Pipes) -> None:
        self._store = store
        self._catalog = catalog
        self._access = access
        self._pipes = pipes

    def report(self, pipe: Pipe) -> str:
        """The JSON text of SYSTEM$PIPE_STATUS."""
        waiting = self._pipes.pending.of(pipe)
        state, error = self._state(pipe)
        document: dict[str, Any] = {"executionState": state, "pendingFileCount": len(waiting)}
        if waiting:
            oldest = min(waiting, key=lambda file: file.received_on)
            document["oldestPendingFilePath"] = oldest.key
            document["oldestFileTimestamp"] = _timestamp(oldest.received_on)
        document |= self._last_ingested(pipe)
        if pipe.notification_channel:
            document["notificationChannelName"] = pipe.notification_channel
            document["numOutstandingMessagesOnChannel"] = 0
        if received := self._pipes.last_received.get(pipe.id):
            document["lastReceivedMessageTimestamp"] = _timestamp(received)
            document["lastForwardedMessageTimestamp"] = _timestamp(received)
        if error:
            document["error"] = error
        return json.dumps(document)

    def _state(self, pipe: Pipe) -> tuple[str, str | None]:
        stage = self._catalog.by_id(Stage, pipe.stage_id)
        if stage is None:
            return (
                "STOPPED_STAGE_DROPPED",
                "The stage of the pipe was dropped or replaced; recreate the pipe.",
            )
        if stage.location_id != pipe.location_id:
            return "STOPPED_STAGE_ALTERED", "The location of the pipe's stage was changed; recreate the pipe."
        if self._catalog.find(Table, pipe.copy_spec.table) is None:
            return "STOPPED_MISSING_TABLE", f"Table '{pipe.copy_spec.table}' does not exist."
        if self._catalog.find(FileFormat, pipe.copy_spec.file_format) is None:
            return (
                "STOPPED_FILE_FORMAT_DROPPED",
                f"File format '{pipe.copy_spec.file_format}' does not exist.",
            )
        if pipe.execution_paused:
            return "PAUSED", None
        try:
            bind(self._access, pipe.owner, pipe.copy_spec, pipe=pipe)
        except SnowflakeError as error:
            return "STALLED_COMPILATION_ERROR", error.message
        stall = self._pipes.stalls.get(pipe.id)
        if stall is None:
            return "RUNNING", None
        return ("STALLED_STAGE_PERMISSION_ERROR" if stall.denied else "RUNNING"), stall.reason

    def _last_ingested(self, pipe: Pipe) -> dict[str, str]:
        rows = self._store.rows(
            "SELECT last_load_time, path FROM account.load_history WHERE pipe_id = ? "
            "ORDER BY last_load_time DESC LIMIT 1",
            [pipe.id],
        )
        return (
            {"lastIngestedTimestamp": _timestamp(rows[0][0]), "lastIngestedFilePath": rows[0][1]}
            if rows
            else {}
        )


def _timestamp(value: Any) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
