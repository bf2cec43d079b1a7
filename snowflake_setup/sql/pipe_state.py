"""The answer of SYSTEM$PIPE_STATUS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from snowflake_setup.sql.timestamps import timestamp

# https://docs.snowflake.com/en/user-guide/data-load-snowpipe-ts says what each state means.
_RUNNING = ("RUNNING", "FAILING_OVER")
_PAUSED = "PAUSED"
# A pipe in one of these states loads nothing and does not drain: it has to be replaced.
_BROKEN = ("STOPPED_", "STALLED_")


@dataclass(frozen=True)
class PipeState:
    """The fields of SYSTEM$PIPE_STATUS that are used here."""

    execution: str
    pending: int
    oldest_pending: datetime | None
    last_loaded_path: str | None
    last_loaded_at: datetime | None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> PipeState:
        """The state from the single row of the answer; fields that do not apply to the pipe are missing.

        Raises:
            ValueError: the answer is not the documented JSON object.
        """
        status = json.loads(next(iter(row.values())))
        if not isinstance(status, Mapping):
            raise ValueError(f"the status of a pipe is a JSON object, got {type(status).__name__}")
        oldest, last = status.get("oldestFileTimestamp"), status.get("lastIngestedTimestamp")
        return cls(
            execution=str(status.get("executionState", "")),
            pending=int(status.get("pendingFileCount") or 0),
            oldest_pending=timestamp(oldest) if oldest else None,
            last_loaded_path=status.get("lastIngestedFilePath") or None,
            last_loaded_at=timestamp(last) if last else None,
        )

    @property
    def running(self) -> bool:
        """True if it loads files, which it also does during a failover."""
        return self.execution in _RUNNING

    @property
    def paused(self) -> bool:
        """True if it was paused."""
        return self.execution == _PAUSED

    @property
    def broken(self) -> bool:
        """True if it has to be replaced before it can load."""
        return self.execution.startswith(_BROKEN)

    def at_rest(self, paused_at: datetime | None) -> bool:
        """True if no file that was queued before `paused_at` is still being loaded."""
        if self.broken or (self.paused and self.pending == 0):
            return True
        queued_later = paused_at and self.oldest_pending and self.oldest_pending > paused_at
        return self.paused and bool(queued_later)
