"""The status of a laptop cloud."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from laptop.cloud.health import is_healthy
from laptop.cloud.ports import LOOPBACK
from laptop.cloud.processes import is_running
from laptop.cloud.servers import ESSENTIAL, HEALTH_PATHS
from laptop.cloud.state import CloudState, ServerRecord


@dataclass(frozen=True)
class ServerStatus:
    """The current status of one server."""

    name: str
    pid: int
    port: int
    endpoint: str
    running: bool
    healthy: bool
    log: str


@dataclass(frozen=True)
class CloudStatus:
    """The servers, and the start time of the cloud (ISO 8601, UTC)."""

    running: bool
    since: str | None
    servers: tuple[ServerStatus, ...]


def runs(state: CloudState) -> bool:
    """True if every required server runs."""
    needed = [server for server in state.servers if server.name in ESSENTIAL]
    return bool(needed) and all(map(is_running, needed))


def status_of(state: CloudState | None) -> CloudStatus:
    """The current status of the recorded servers."""
    if state is None:
        return CloudStatus(running=False, since=None, servers=())
    running = runs(state)
    return CloudStatus(
        running=running,
        since=_since(state.servers) if running else None,
        servers=tuple(map(_status, state.servers)),
    )


def _since(servers: tuple[ServerRecord, ...]) -> str:
    began = max(server.created for server in servers)
    return dt.datetime.fromtimestamp(began, dt.UTC).isoformat(timespec="seconds")


def _status(record: ServerRecord) -> ServerStatus:
    endpoint = f"http://{LOOPBACK}:{record.port}"
    running = is_running(record)
    return ServerStatus(
        name=record.name,
        pid=record.pid,
        port=record.port,
        endpoint=endpoint,
        running=running,
        healthy=running and is_healthy(endpoint + HEALTH_PATHS[record.name]),
        log=str(record.log),
    )
