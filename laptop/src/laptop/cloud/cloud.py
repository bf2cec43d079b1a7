"""The laptop cloud: AWS emulator, Snowflake stand-in and the page over them, started and stopped together."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from laptop.cloud import ports
from laptop.cloud.environment import client_environment
from laptop.cloud.errors import AlreadyRunningError, NotRunningError, ServerFailedError
from laptop.cloud.health import is_healthy, wait_until_healthy
from laptop.cloud.interruptions import Interruptions
from laptop.cloud.processes import ServerProcess, end_all, is_running
from laptop.cloud.servers import ESSENTIAL, HEALTH_PATHS, PAGE, admin_key_pair, data_dirs, server_commands
from laptop.cloud.state import CloudState, ServerRecord, StateFile

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
# A free port may be taken by someone else before our server listens on it.
_ATTEMPTS = 3


@dataclass(frozen=True)
class ServerStatus:
    """One server as it is now."""

    name: str
    pid: int
    port: int
    endpoint: str
    running: bool
    healthy: bool
    log: str


@dataclass(frozen=True)
class CloudStatus:
    """What runs, and since when (ISO 8601, UTC)."""

    running: bool
    since: str | None
    servers: tuple[ServerStatus, ...]


class LaptopCloud:
    """One cloud, with everything it has (state, keys, logs) under `state_dir`."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir.resolve()
        self._file = StateFile(self.state_dir)
        self._started: list[ServerProcess] = []
        self._interruptions = Interruptions()

    def start(
        self,
        *,
        region: str,
        attached: bool = False,
        minute_seconds: float = 60,
        page: bool = False,
    ) -> None:
        """Start the servers, with nothing in them, and wait until they are ready.

        Args:
            region: the AWS region to play.
            attached: end them when this process ends, however it ends.
            minute_seconds: how long the minute of a schedule is, for those who cannot wait for one.
            page: with the page that draws the deployed dashboard.

        Raises:
            AlreadyRunningError: it runs.
            BusyError: another command is starting or stopping it.
            ServerFailedError: a server did not come up; nothing is left of any.
        """
        with self._file.locked(), self._interruptions.raised():
            last = self._file.load()
            self._clear_away(last)
            for directory in data_dirs(self.state_dir):
                shutil.rmtree(directory, ignore_errors=True)
            self._bring_up(last, region, minute_seconds, attached=attached, page=page)
            if not attached:
                self._let_go()

    def stop(self) -> bool:
        """End the servers; returns whether anything ran."""
        with self._file.locked():
            state = self._file.load()
            return self._end(state) if state else False

    def status(self) -> CloudStatus:
        """What runs now."""
        state = self._file.load()
        servers = tuple(map(_status, state.servers)) if state else ()
        running = state is not None and _runs(state)
        since = _since(state.servers) if running and state else None
        return CloudStatus(running=running, since=since, servers=servers)

    def environment(self) -> dict[str, str]:
        """What AWS clients and the CDK CLI need in their environment, in the place of their own AWS settings.

        Raises:
            NotRunningError: there is nothing to point them at.
        """
        state = self._running_state()
        return client_environment(aws_port=state.aws_port, region=state.region)

    @property
    def snowflake_address(self) -> tuple[str, int]:
        """Host and port of the stand-in.

        Raises:
            NotRunningError: it has none.
        """
        return ports.LOOPBACK, self._running_state().snowflake_port

    @property
    def page_address(self) -> str | None:
        """Where the page is; None if the cloud runs without one."""
        pages = [server for server in self.status().servers if server.name == PAGE and server.running]
        return pages[0].endpoint if pages else None

    @property
    def admin_private_key(self) -> Path:
        """The private key (PEM) of the stand-in's user ADMIN."""
        private, _ = admin_key_pair(self.state_dir)
        return private

    def _bring_up(
        self, last: CloudState | None, region: str, minute_seconds: float, *, attached: bool, page: bool
    ) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            state = self._choose_ports(last, region, page=page)
            state = state.model_copy(update={"minute_seconds": minute_seconds})
            try:
                self._launch(state, attached=attached)
            except ServerFailedError:
                snatched = not all(map(ports.is_free, state.ports))
                if not snatched or attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _launch(self, state: CloudState, *, attached: bool) -> None:
        """Start the servers of `state`; if one does not come up, or a signal comes, end them again."""
        try:
            for command in server_commands(self.state_dir, state):
                with self._interruptions.held():
                    server = ServerProcess(command, attached=attached)
                    self._started.append(server)
                    state = state.model_copy(update={"servers": (*state.servers, server.record)})
                    self._file.save(state)
            wait_until_healthy(self._started, within_seconds=_START_SECONDS)
        except BaseException:
            with self._interruptions.held():
                self._end(state)
            raise

    def _clear_away(self, last: CloudState | None) -> None:
        """Make sure that nothing of an earlier run is left.

        Raises:
            AlreadyRunningError: an earlier run is in good order.
        """
        if last is None:
            return
        if _runs(last):
            where = ", ".join(f"{server.name} on port {server.port}" for server in last.servers)
            raise AlreadyRunningError(f"the laptop cloud in {self._shown()} already runs: {where}")
        end_all(last.servers, grace_seconds=_STOP_SECONDS)

    def _choose_ports(self, last: CloudState | None, region: str, *, page: bool) -> CloudState:
        return CloudState(
            region=region,
            aws_port=ports.choose(last.aws_port if last else None),
            snowflake_port=ports.choose(last.snowflake_port if last else None),
            page_port=ports.choose(last.page_port if last else None) if page else None,
        )

    def _running_state(self) -> CloudState:
        state = self._file.load()
        if state is None or not _runs(state):
            raise NotRunningError(f"no laptop cloud is running in {self._shown()}")
        return state

    def _end(self, state: CloudState) -> bool:
        ended = end_all(state.servers, grace_seconds=_STOP_SECONDS)
        self._let_go()
        self._file.save(state.model_copy(update={"servers": ()}))
        return ended

    def _let_go(self) -> None:
        for server in self._started:
            server.let_go()
        self._started.clear()

    def _shown(self) -> str:
        return os.path.relpath(self.state_dir)


def _runs(state: CloudState) -> bool:
    needed = [server for server in state.servers if server.name in ESSENTIAL]
    return bool(needed) and all(map(is_running, needed))


def _since(servers: tuple[ServerRecord, ...]) -> str:
    began = max(server.created for server in servers)
    return dt.datetime.fromtimestamp(began, dt.UTC).isoformat(timespec="seconds")


def _status(record: ServerRecord) -> ServerStatus:
    endpoint = f"http://{ports.LOOPBACK}:{record.port}"
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
