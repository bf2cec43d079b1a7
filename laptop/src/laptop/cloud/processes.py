"""Server processes: started in their own session, identified later, reliably ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable

import psutil

from laptop.cloud.lifeline import Lifeline
from laptop.cloud.servers import ServerCommand
from laptop.cloud.state import ServerRecord

# Clock corrections shift the reported start time of a process.
_CREATED_TOLERANCE_SECONDS = 2.0
_LOOK_SECONDS = 0.02


class ServerProcess:
    """A server this process started."""

    def __init__(self, command: ServerCommand, lifeline: Lifeline) -> None:
        command.log.parent.mkdir(parents=True, exist_ok=True)
        command.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.command = command
        with command.log.open("wb") as log:
            self._popen = subprocess.Popen(  # noqa: S603 - our own argument list
                command.line,
                cwd=command.state_dir,
                env=dict(command.environment),
                stdin=lifeline.reader,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.record = ServerRecord(
            name=command.name,
            pid=self._popen.pid,
            created=psutil.Process(self._popen.pid).create_time(),
            port=command.port,
            state_dir=command.state_dir,
            log=command.log,
        )

    @property
    def exit_status(self) -> int | None:
        """The status it ended with; None while it runs."""
        return self._popen.poll()

    def forget(self) -> None:
        """Leave the process to a later reader of its record."""
        # Popen warns of a process that outlives it, which is intended here.
        self._popen.returncode = 0


def is_running(record: ServerRecord) -> bool:
    """True if the recorded process, and no other with its pid, still runs."""
    return _process(record) is not None


def end_all(records: Iterable[ServerRecord], *, grace_seconds: float) -> bool:
    """Stop servers and their children, first with SIGTERM, then SIGKILL; return True if there were any."""
    records = list(records)
    running = [process for record in records if (process := _process(record))]
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _wait(running, grace_seconds)
    left = [member for record in records for member in _session(record)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    _wait(left, grace_seconds)
    return bool(running or left)


def _wait(processes: list[psutil.Process], seconds: float) -> None:
    """Wait until all have ended; their parent, or a container's first process, may never collect their exit status."""
    deadline = time.monotonic() + seconds
    while any(map(_runs, processes)) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _same(record: ServerRecord) -> psutil.Process | None:
    """The recorded process, running or just ended; None if its pid is free or someone else's."""
    try:
        process = psutil.Process(record.pid)
        if abs(process.create_time() - record.created) > _CREATED_TOLERANCE_SECONDS:
            return None
    except psutil.NoSuchProcess:
        return None
    return process if _bears(process, str(record.state_dir)) else None


def _bears(process: psutil.Process, word: str) -> bool:
    """True if `word` is on its command line, or the process is ending and has lost it."""
    try:
        words = process.cmdline()
    except psutil.AccessDenied:
        return False
    except psutil.NoSuchProcess:
        words = []
    return not words or word in words


def _process(record: ServerRecord) -> psutil.Process | None:
    process = _same(record)
    return process if process and _runs(process) else None


def _session(record: ServerRecord) -> list[psutil.Process]:
    """Every process of a server's session; none if its pid now belongs to someone else.

    The system reuses a pid only when no session has its number any more, so the session of an ended leader is still
    the one started here.
    """
    if psutil.pid_exists(record.pid) and _same(record) is None:
        return []
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(process.pid) == record.pid and _runs(process):
                members.append(process)
    return members
