"""Start and status of a laptop cloud; its servers are stubs here."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import tomllib
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from processes import processes_of
from stub_cloud import pids, program

import laptop.cloud.cloud
from laptop import AlreadyRunningError, BusyError, LaptopCloud, NotRunningError, ServerFailedError
from laptop.cloud import ports
from laptop.testing.waiting import eventually


def test_both_servers_are_healthy_once_it_has_started(cloud: LaptopCloud) -> None:
    assert not cloud.status().running
    cloud.start()
    status = cloud.status()
    assert status.running
    assert [server.name for server in status.servers] == ["AWS emulator", "Snowflake stand-in"]
    assert all(server.healthy for server in status.servers)
    assert status.since is not None
    assert status.since.endswith("+00:00")
    json.dumps(asdict(status))


def test_the_servers_get_the_clouds_options(with_page: LaptopCloud, tmp_path: Path) -> None:
    aws, _, page = [" ".join(psutil.Process(pid).cmdline()) for pid in pids(with_page)]
    assert f"--region eu-west-1 --minute-seconds 60 --notification-seconds 2 --node-modules {tmp_path}" in aws
    assert f"--node-modules {tmp_path} --docs {tmp_path}" in page


def test_a_temporary_folder_is_removed(cloud: LaptopCloud) -> None:
    with LaptopCloud() as passing:
        assert passing.status().running
        assert passing.environment()["AWS_REGION"] == "us-east-1"
        assert passing.state_dir.exists()
    assert not passing.state_dir.exists()
    assert processes_of(passing.state_dir) == []


def test_clients_get_its_address(cloud: LaptopCloud) -> None:
    cloud.start()
    aws, snowflake = cloud.status().servers
    environment = cloud.environment()
    assert environment["AWS_ENDPOINT_URL"] == environment["AWS_ENDPOINT_URL_S3"] == aws.endpoint
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    login = cloud.snowflake_connection()
    assert (login["host"], login["port"], login["user"]) == ("127.0.0.1", snowflake.port, "ADMIN")
    assert login["private_key"].startswith("-----BEGIN PRIVATE KEY-----")


def test_clients_of_snowflake_find_its_connection(cloud: LaptopCloud) -> None:
    cloud.start()
    environment, login = cloud.environment(), cloud.snowflake_connection()
    cloud.write_connections(database="DB", schema='"quoted"')
    written = Path(environment["SNOWFLAKE_HOME"]) / "connections.toml"
    assert written == cloud.connections
    connection = tomllib.loads(written.read_text())[environment["SNOWFLAKE_DEFAULT_CONNECTION_NAME"]]
    assert connection == {
        **{name: login[name] for name in ("account", "user", "authenticator", "host", "port", "protocol")},
        "private_key_file": str(cloud.state_dir / "admin.p8"),
        "database": "DB",
        "schema": '"quoted"',
    }
    cloud.stop()
    cloud.start()
    assert "database" not in written.read_text()


def test_the_page_runs_if_requested(with_page: LaptopCloud) -> None:
    *_, page = with_page.status().servers
    assert (page.name, page.healthy) == ("dashboard page", True)
    assert with_page.page_address == page.endpoint
    assert Path(page.log) == with_page.state_dir / "logs" / "page.log"
    assert with_page.stop()
    assert with_page.page_address is None


def test_the_cloud_runs_if_its_page_fails(with_page: LaptopCloud) -> None:
    *_, page = pids(with_page)
    os.kill(page, signal.SIGKILL)
    eventually(lambda: not with_page.status().servers[-1].running)
    assert with_page.status().running
    assert with_page.page_address is None
    assert "AWS_ENDPOINT_URL" in with_page.environment()
    with pytest.raises(AlreadyRunningError):
        with_page.start()


def test_settings_of_a_real_account_are_removed_and_lambdas_find_the_stand_in(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "secret")
    cloud.start()
    aws = (cloud.state_dir / "logs" / "aws.log").read_text()
    snowflake = (cloud.state_dir / "logs" / "snowflake.log").read_text()
    for log in (aws, snowflake):
        assert "AWS_PROFILE" not in log
        assert "SNOWFLAKE_PASSWORD" not in log
    assert "'SNOWFLAKE_HOST', 'SNOWFLAKE_PORT', 'SNOWFLAKE_PROTOCOL'" in aws
    assert "AWS_ENDPOINT_URL" in snowflake


def test_only_its_owner_can_read_its_state(cloud: LaptopCloud) -> None:
    cloud.start()
    assert stat.S_IMODE(cloud.state_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((cloud.state_dir / "cloud.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((cloud.state_dir / "admin.p8").stat().st_mode) == 0o600
    assert stat.S_IMODE(cloud.connections.stat().st_mode) == 0o600


def test_starting_twice_is_refused_and_changes_nothing(cloud: LaptopCloud) -> None:
    cloud.start()
    before = cloud.status()
    with pytest.raises(
        AlreadyRunningError, match=r"already runs: AWS emulator on port \d+, Snowflake stand-in"
    ):
        LaptopCloud(cloud.state_dir).start()
    assert cloud.status() == before


def test_there_is_no_address_before_start_or_after_stop(cloud: LaptopCloud) -> None:
    for _ in range(2):
        with pytest.raises(NotRunningError, match="no laptop cloud is running"):
            cloud.environment()
        with pytest.raises(NotRunningError):
            cloud.snowflake_connection()
        cloud.start()
        cloud.stop()


def test_a_server_that_exits_is_reported_with_the_end_of_its_log(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB", "die")
    with pytest.raises(ServerFailedError, match="ended with status 3") as failure:
        cloud.start()
    assert "something is badly wrong" in str(failure.value)
    assert str(failure.value.log) in str(failure.value)
    assert processes_of(cloud.state_dir) == []


def test_a_server_that_is_never_ready_is_reported_and_stopped(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop.cloud.cloud, "_START_SECONDS", 0.5)
    monkeypatch.setenv("STUB", "deaf")
    with pytest.raises(ServerFailedError, match=r"was not ready on port \d+ within"):
        cloud.start()
    assert processes_of(cloud.state_dir) == []


def test_a_port_taken_by_another_program_is_replaced(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose, asked = ports.choose, 0
    with socket.socket() as snatcher:
        snatcher.bind((ports.LOOPBACK, 0))
        snatcher.listen()

        def snatched_once(last: int | None) -> int:
            nonlocal asked
            asked += 1
            return snatcher.getsockname()[1] if asked == 1 else choose(last)

        monkeypatch.setattr(ports, "choose", snatched_once)
        cloud.start()
        assert cloud.status().running
        assert asked == 4


def test_a_concurrent_start_is_refused(cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB", "deaf")
    with program(cloud.state_dir) as starter:
        eventually(lambda: len(pids(cloud)) == 2)
        with pytest.raises(BusyError):
            LaptopCloud(cloud.state_dir).start()
        starter.terminate()
        starter.communicate(timeout=20)
