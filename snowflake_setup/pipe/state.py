"""The current state of a pipe, and pausing it."""

from __future__ import annotations

from datetime import timedelta

from snowflake_setup.session.clock import wait_until
from snowflake_setup.session.errors import OutOfTimeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Session
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import PausePipe, PipeStatus
from snowflake_setup.sql.pipe_state import PipeState

_DRAIN_SECONDS = 120.0
_STANDSTILL = timedelta(seconds=30)


def state_of(session: Session, pipe: ObjectName) -> PipeState:
    """The pipe's current state."""
    return PipeState.read(session.execute(PipeStatus(pipe))[0])


def pause_and_drain(invocation: Invocation, pipe: ObjectName) -> PipeState:
    """Pause the pipe and wait until the files it was loading are loaded.

    Files that were queued before the pause but not started may wait forever; so a queue that has not shrunk for a
    while counts as drained. A file still being loaded then is in the load history as in progress.
    """
    state = state_of(invocation.session, pipe)
    paused_at = None
    if not state.paused:
        invocation.session.execute(PausePipe(pipe))
        paused_at = invocation.clock.now()
    still_since = invocation.clock.now()

    def at_rest() -> bool:
        nonlocal state, still_since
        before, state = state, state_of(invocation.session, pipe)
        if state.pending < before.pending:
            still_since = invocation.clock.now()
        stood_still = state.paused and invocation.clock.now() - still_since >= _STANDSTILL
        return state.at_rest(paused_at) or stood_still

    if not wait_until(at_rest, invocation.clock, at_most=_DRAIN_SECONDS):
        raise OutOfTimeError(
            f"pipe {pipe} was paused and still has {state.pending} files in work (state {state.execution}); "
            "it was not changed. Deploy again when fewer files arrive, or give the function a longer timeout"
        )
    invocation.log.info("pipe drained", object=str(pipe), state=state.execution, pending=state.pending)
    return state
