"""What a pipe is doing right now, and bringing it to a stop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from snowflake_setup.clock import wait_until
from snowflake_setup.errors import OutOfTimeError
from snowflake_setup.identifiers import ObjectName
from snowflake_setup.instants import instant
from snowflake_setup.statements.pipe import PausePipe, PipeStatus
from snowflake_setup.tools import Row, Tools

_DRAIN_SECONDS = 120.0
_STANDSTILL = timedelta(seconds=30)
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
    def read(cls, row: Row) -> PipeState:
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
            oldest_pending=instant(oldest) if oldest else None,
            last_loaded_path=status.get("lastIngestedFilePath") or None,
            last_loaded_at=instant(last) if last else None,
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


def state_of(tools: Tools, pipe: ObjectName) -> PipeState:
    """Ask Snowflake what the pipe is doing."""
    return PipeState.read(tools.warehouse.execute(PipeStatus(pipe))[0])


def pause_and_drain(tools: Tools, pipe: ObjectName) -> PipeState:
    """Pause the pipe and wait until what it was loading is loaded; then nothing of it moves any more.

    Files that were queued before the pause and not begun may wait for ever; so a queue that has not shrunk for a while
    is at rest too. A file still being loaded then is in the load history as in progress.
    """
    state = state_of(tools, pipe)
    paused_at = None
    if not state.paused:
        tools.warehouse.execute(PausePipe(pipe, paused=True))
        paused_at = tools.clock.now()
    still_since = tools.clock.now()

    def at_rest() -> bool:
        nonlocal state, still_since
        before, state = state, state_of(tools, pipe)
        if state.pending < before.pending:
            still_since = tools.clock.now()
        stood_still = state.paused and tools.clock.now() - still_since >= _STANDSTILL
        return state.at_rest(paused_at) or stood_still

    if not wait_until(at_rest, tools.clock, at_most=_DRAIN_SECONDS):
        raise OutOfTimeError(
            f"pipe {pipe} was paused and still has {state.pending} files in work (state {state.execution}); "
            "it is left as it was. Deploy again when fewer files arrive, or give the function a longer timeout"
        )
    tools.log.info("pipe drained", object=str(pipe), state=state.execution, pending=state.pending)
    return state


def resume(tools: Tools, pipe: ObjectName) -> None:
    """Let the pipe load."""
    tools.warehouse.execute(PausePipe(pipe, paused=False))
