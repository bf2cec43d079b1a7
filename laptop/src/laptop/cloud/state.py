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
    """One server process. `pid` alone proves nothing: the system gives it to others later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    pid: int
    created: float
    port: int
    state_dir: Path
    log: Path


class CloudState(BaseModel):
    """The servers of the present run, and the ports of the last one; a run without a page has no port for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    aws_port: int
    snowflake_port: int
    page_port: int | None = None
    servers: tuple[ServerRecord, ...] = ()

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that this run takes."""
        return (self.aws_port, self.snowflake_port, *([self.page_port] if self.page_port else []))


class StateFile:
    """`cloud.json`, and the lock that lets one command at a time change it."""

    def __init__(self, state_dir: Path) -> None:
        self._directory = state_dir
        self._path = state_dir / "cloud.json"

    def load(self) -> CloudState | None:
        """The recorded state; None if there is none, or none that can be read."""
        try:
            return CloudState.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def save(self, state: CloudState) -> None:
        """Record `state`; a reader sees the old one or the new one, never half."""
        partial = self._path.with_suffix(".partial")
        partial.write_text(state.model_dump_json(indent=2) + "\n")
        partial.chmod(0o600)
        partial.replace(self._path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who changes this cloud.

        Raises:
            BusyError: someone else is at it.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        # The lock goes with the process that holds it, however that ends.
        with (self._directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(
                    f"another command is starting or stopping the laptop cloud in {os.path.relpath(self._directory)}; "
                    "wait until it is done"
                ) from None
            yield
