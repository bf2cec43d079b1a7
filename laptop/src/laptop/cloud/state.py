"""The state of a laptop cloud between commands: its processes and ports, in one file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from laptop.cloud.errors import BusyError


class ServerRecord(BaseModel):
    """One server process. `pid` alone does not identify it, since the system reuses pids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    pid: int
    created: float
    port: int
    state_dir: Path
    log: Path


class CloudState(BaseModel):
    """The servers of the current run, and the ports of the last one; a run without a page has no port for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    aws_port: int
    snowflake_port: int
    page_port: int | None = None
    servers: tuple[ServerRecord, ...] = ()

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports of this run."""
        return (self.aws_port, self.snowflake_port, *([self.page_port] if self.page_port else []))


class StateFile:
    """`cloud.json`, and the lock that lets one command at a time change it."""

    def __init__(self, state_dir: Path) -> None:
        self._directory = state_dir
        self._path = state_dir / "cloud.json"

    def load(self) -> CloudState | None:
        """The recorded state; None if it is missing or unreadable."""
        try:
            return CloudState.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def save(self, state: CloudState) -> None:
        """Record `state` atomically."""
        partial = self._path.with_suffix(".partial")
        partial.write_text(state.model_dump_json(indent=2) + "\n")
        partial.chmod(0o600)
        partial.replace(self._path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock for changes to this cloud.

        Raises:
            BusyError: another process holds it.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        # The lock is released with the process that holds it, even if that is killed.
        with (self._directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(
                    f"another command is starting or stopping the laptop cloud in {os.path.relpath(self._directory)}; "
                    "wait until it is done"
                ) from None
            yield
