"""The laptop cloud: AWS emulator, Snowflake stand-in and page, started and stopped together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from laptop.cloud import ports
from laptop.cloud.environment import (
    client_environment,
    connection_settings,
    connections_file,
    snowflake_environment,
)
from laptop.cloud.errors import AlreadyRunningError, LaptopCloudError, NotRunningError, ServerFailedError
from laptop.cloud.health import wait_until_healthy
from laptop.cloud.lifeline import Lifeline
from laptop.cloud.processes import ServerProcess, end_all
from laptop.cloud.servers import PAGE, Options, admin_key_pair, data_dirs, server_commands
from laptop.cloud.state import CloudState, StateFile
from laptop.cloud.status import CloudStatus, runs, status_of

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
# Another program may take a free port before the server listens on it.
_ATTEMPTS = 3


class LaptopCloud:
    """One cloud, with its state, keys and logs under `state_dir`.

    It ends with the process that started it, even if that is killed, unless it is detached:

        with LaptopCloud() as cloud:
            boto3.client("s3", endpoint_url=cloud.environment()["AWS_ENDPOINT_URL"])
            snowflake.connector.connect(**cloud.snowflake_connection())

    Args:
        state_dir: kept at the end, and identifies a cloud that another process started; by default a temporary
            folder, removed at the end.
        region: the AWS region to emulate.
        minute_seconds: length of a schedule's minute, for tests that cannot wait.
        notification_seconds: time until a bucket's changed notifications take effect; about five minutes in AWS.
        error_table_seconds: time until an existing pipe uses an error table; at most 15 minutes in Snowflake.
        page: also start the page that draws the deployed dashboards.
        node_modules: packages of AWS's Node runtime, such as the AWS SDK; the page's uPlot.
        docs: folder of the Markdown pages that alarms link to.

    Raises:
        LaptopCloudError: the page is requested, and its charting library is missing.
    """

    def __init__(
        self,
        state_dir: Path | None = None,
        *,
        region: str = "us-east-1",
        minute_seconds: float = 60,
        notification_seconds: float = 2,
        error_table_seconds: float = 900,
        page: bool = False,
        node_modules: Path | None = None,
        docs: Path | None = None,
    ) -> None:
        if page and not (node_modules and (node_modules / "uplot").is_dir()):
            raise LaptopCloudError(
                f"the page draws its charts with uPlot, which is not in node_modules={node_modules}; run `npm ci`"
            )
        self._passing = state_dir is None
        self.state_dir = (state_dir or Path(tempfile.mkdtemp(prefix="laptop-cloud-"))).resolve()
        self.region = region
        self._options = Options(
            minute_seconds=minute_seconds,
            notification_seconds=notification_seconds,
            error_table_seconds=error_table_seconds,
            page=page,
            node_modules=node_modules,
            docs=docs,
        )
        self._file = StateFile(self.state_dir)
        self._started: list[ServerProcess] = []
        self._lifeline: Lifeline | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lifeline:
            self.stop()

    def start(self) -> None:
        """Start the servers, empty, and wait until they are ready.

        Raises:
            AlreadyRunningError: it is running.
            BusyError: another command is starting or stopping it.
            ServerFailedError: a server did not start; all are stopped.
        """
        with self._file.locked():
            last = self._file.load()
            self._clear_away(last)
            for directory in data_dirs(self.state_dir):
                shutil.rmtree(directory, ignore_errors=True)
            self._bring_up(last)

    def detach(self) -> None:
        """Let the servers of this process outlive it, until `stop` of a cloud with the same `state_dir`."""
        if self._lifeline:
            self._lifeline.release(len(self._started))
        self._let_go()

    def stop(self) -> bool:
        """Stop the servers; return True if any was running."""
        with self._file.locked():
            state = self._file.load()
            ended = self._end(state) if state else False
        if self._passing:
            shutil.rmtree(self.state_dir, ignore_errors=True)
        return ended

    def status(self) -> CloudStatus:
        """The current status of the servers."""
        return status_of(self._file.load())

    def environment(self) -> dict[str, str]:
        """The variables that clients of AWS and Snowflake, and the CDK CLI, need in place of other such settings.

        Raises:
            NotRunningError: the cloud is not running.
        """
        state = self._running_state()
        clients = client_environment(aws_port=state.aws_port, region=state.region)
        return clients | snowflake_environment(self.connections.parent)

    def snowflake_connection(self) -> dict[str, Any]:
        """The arguments of `snowflake.connector.connect` for the stand-in's administrator.

        Raises:
            NotRunningError: the cloud is not running.
        """
        port = self._running_state().snowflake_port
        private_key, _ = admin_key_pair(self.state_dir)
        return connection_settings(port=port, private_key=private_key.read_text())

    @property
    def connections(self) -> Path:
        """The `connections.toml` of Snowflake's clients; its folder is their SNOWFLAKE_HOME."""
        return self.state_dir / "snowflake_home" / "connections.toml"

    def write_connections(self, **place: str) -> None:
        """Write `connections` again, e.g. with `database` and `schema`.

        Raises:
            NotRunningError: the cloud is not running.
        """
        self._write_connections(self._running_state(), place)

    @property
    def page_address(self) -> str | None:
        """The address of the page; None if the cloud runs without one."""
        pages = [server for server in self.status().servers if server.name == PAGE and server.running]
        return pages[0].endpoint if pages else None

    def _write_connections(self, state: CloudState, place: Mapping[str, str]) -> None:
        private_key, _ = admin_key_pair(self.state_dir)
        self.connections.parent.mkdir(mode=0o700, exist_ok=True)
        self.connections.touch(mode=0o600)
        text = connections_file(port=state.snowflake_port, private_key=private_key, **place)
        self.connections.write_text(text)

    def _bring_up(self, last: CloudState | None) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            state = self._choose_ports(last)
            try:
                self._launch(state)
            except ServerFailedError:
                snatched = not all(map(ports.is_free, state.ports))
                if not snatched or attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _launch(self, state: CloudState) -> None:
        """Start the servers of `state`; if one fails or this is interrupted, stop them."""
        self._lifeline = Lifeline()
        try:
            for command in server_commands(self.state_dir, state, self._options):
                server = ServerProcess(command, self._lifeline)
                self._started.append(server)
                state = state.model_copy(update={"servers": (*state.servers, server.record)})
                self._file.save(state)
            wait_until_healthy(self._started, within_seconds=_START_SECONDS)
            self._write_connections(state, {})
        except BaseException:
            self._end(state)
            raise

    def _clear_away(self, last: CloudState | None) -> None:
        """Stop the remains of an earlier run.

        Raises:
            AlreadyRunningError: an earlier run is healthy.
        """
        if last is None:
            return
        if runs(last):
            where = ", ".join(f"{server.name} on port {server.port}" for server in last.servers)
            raise AlreadyRunningError(f"the laptop cloud in {self._shown()} already runs: {where}")
        self._end(last)

    def _choose_ports(self, last: CloudState | None) -> CloudState:
        return CloudState(
            region=self.region,
            aws_port=ports.choose(last.aws_port if last else None),
            snowflake_port=ports.choose(last.snowflake_port if last else None),
            page_port=ports.choose(last.page_port if last else None) if self._options.page else None,
        )

    def _running_state(self) -> CloudState:
        state = self._file.load()
        if state is None or not runs(state):
            raise NotRunningError(f"no laptop cloud is running in {self._shown()}")
        return state

    def _end(self, state: CloudState) -> bool:
        try:
            ended = end_all(state.servers, grace_seconds=_STOP_SECONDS)
        finally:
            self._let_go()
        self._file.save(state.model_copy(update={"servers": ()}))
        return ended

    def _let_go(self) -> None:
        if self._lifeline:
            # Also stops a server whose start was interrupted, which is not recorded.
            self._lifeline.cut()
            self._lifeline = None
        for server in self._started:
            server.forget()
        self._started.clear()

    def _shown(self) -> str:
        return os.path.relpath(self.state_dir)
