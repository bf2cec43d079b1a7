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
# A pipe in one of these states loads nothing and will not drain: its replacement is the cure.
_BROKEN = ("STOPPED_", "STALLED_")


@dataclass(frozen=True)
class PipeState:
    """The answer of SYSTEM$PIPE_STATUS, as far as we go by it."""

    execution: str
    pending: int
    oldest_pending: datetime | None
    last_loaded_path: str | None
    last_loaded_at: datetime | None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> PipeState:
        """The state from the one row of the answer; what does not apply to the pipe is not in it.

        Raises:
            ValueError: the answer is not the JSON object that it is documented to be.
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
        """Whether it loads files; during a failover it does, too."""
        return self.execution in _RUNNING

    @property
    def paused(self) -> bool:
        """Whether somebody paused it."""
        return self.execution == _PAUSED

    @property
    def broken(self) -> bool:
        """Whether it cannot load before it is replaced."""
        return self.execution.startswith(_BROKEN)

    def at_rest(self, paused_at: datetime | None) -> bool:
        """Whether no file that was queued before `paused_at` is still being worked on."""
        if self.broken or (self.paused and self.pending == 0):
            return True
        queued_later = paused_at and self.oldest_pending and self.oldest_pending > paused_at
        return self.paused and bool(queued_later)
