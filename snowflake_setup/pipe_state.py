"""What a pipe is doing right now, and bringing it to a stop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from snowflake_setup.clock import wait_until
from snowflake_setup.errors import OutOfTimeError
from snowflake_setup.identifiers import ObjectName
from snowflake_setup.instants import instant
from snowflake_setup.statements.pipe import PausePipe, PipeStatus
from snowflake_setup.tools import Tools

_DRAIN_SECONDS = 120.0
_STANDSTILL = timedelta(seconds=30)
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
    row = tools.warehouse.execute(PipeStatus(pipe))[0]
    status = json.loads(next(iter(row.values())))
    oldest, last = status.get("oldestFileTimestamp"), status.get("lastIngestedTimestamp")
    return PipeState(
        execution=str(status.get("executionState", "")),
        pending=int(status.get("pendingFileCount") or 0),
        oldest_pending=instant(oldest) if oldest else None,
        last_loaded_path=status.get("lastIngestedFilePath") or None,
        last_loaded_at=instant(last) if last else None,
    )


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
