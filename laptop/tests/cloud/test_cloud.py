"""Starting, stopping and asking after a laptop cloud; its servers are stubs here."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

import laptop.cloud.cloud
from laptop.cloud import ports
from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.errors import (
    AlreadyRunningError,
    BusyError,
    NotRunningError,
    ServerFailedError,
)
from laptop.cloud.state import StateFile
from laptop.testing.waiting import eventually


def pids(cloud: LaptopCloud) -> list[int]:
    return [server.pid for server in cloud.status().servers]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def stubs_of(directory: Path) -> list[psutil.Process]:
    """Every process that has something under `directory` on its command line, and its children."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if process.pid != os.getpid() and any(
            str(directory) in word for word in process.info["cmdline"] or []
        ):
            found += [process, *process.children(recursive=True)]
    return [process for process in found if alive(process.pid)]


def program(state_dir: Path, *words: str) -> subprocess.Popen[str]:
    """A cloud started by a process of its own."""
    command = [sys.executable, "-m", "tests.cloud.stub_cloud", str(state_dir), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_both_servers_are_healthy_once_it_has_started(cloud: LaptopCloud) -> None:
    assert not cloud.status().running
    cloud.start(region="eu-west-1")
    status = cloud.status()
    assert status.running
    assert [server.name for server in status.servers] == ["AWS emulator", "Snowflake stand-in"]
    assert all(server.healthy for server in status.servers)
    assert status.since is not None
    assert status.since.endswith("+00:00")
    json.dumps(asdict(status))


def test_the_emulator_is_told_how_long_a_minute_is(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1", minute_seconds=5)
    aws, _ = pids(cloud)
    assert "--minute-seconds 5" in " ".join(psutil.Process(aws).cmdline())


def test_clients_are_told_where_it_is(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    aws, snowflake = cloud.status().servers
    environment = cloud.environment()
    assert environment["AWS_ENDPOINT_URL"] == environment["AWS_ENDPOINT_URL_S3"] == aws.endpoint
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert cloud.snowflake_address == ("127.0.0.1", snowflake.port)
    assert cloud.admin_private_key.read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_a_page_is_there_where_one_is_asked_for(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1", page=True)
    status = cloud.status()
    *_, page = status.servers
    assert (page.name, page.healthy) == ("dashboard page", True)
    assert cloud.page_address == page.endpoint
    assert Path(page.log) == cloud.state_dir / "logs" / "page.log"
    servers = pids(cloud)
    assert cloud.stop()
    assert not any(map(alive, servers))
    assert cloud.page_address is None


def test_without_its_page_the_cloud_still_runs(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1", page=True)
    *_, page = pids(cloud)
    os.kill(page, signal.SIGKILL)
    eventually(lambda: not cloud.status().servers[-1].running)
    assert cloud.status().running
    assert cloud.page_address is None
    assert "AWS_ENDPOINT_URL" in cloud.environment()
    with pytest.raises(AlreadyRunningError):
        cloud.start(region="eu-west-1", page=True)


def test_a_real_account_is_kept_out_and_the_lambdas_find_the_stand_in(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "secret")
    cloud.start(region="eu-west-1")
    aws = (cloud.state_dir / "logs" / "aws.log").read_text()
    snowflake = (cloud.state_dir / "logs" / "snowflake.log").read_text()
    for log in (aws, snowflake):
        assert "AWS_PROFILE" not in log
        assert "SNOWFLAKE_PASSWORD" not in log
    assert "'SNOWFLAKE_HOST', 'SNOWFLAKE_PORT', 'SNOWFLAKE_PROTOCOL'" in aws
    assert "AWS_ENDPOINT_URL" in snowflake


def test_its_state_is_for_its_owner_alone(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    assert stat.S_IMODE(cloud.state_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((cloud.state_dir / "cloud.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(cloud.admin_private_key.stat().st_mode) == 0o600


def test_starting_twice_is_refused_and_changes_nothing(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    before = cloud.status()
    with pytest.raises(
        AlreadyRunningError, match=r"already runs: AWS emulator on port \d+, Snowflake stand-in"
    ):
        LaptopCloud(cloud.state_dir).start(region="eu-west-1")
    assert cloud.status() == before


def test_stopping_ends_everything_and_may_be_repeated(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    servers = pids(cloud)
    assert cloud.stop()
    assert not any(map(alive, servers))
    assert not cloud.stop()
    assert not cloud.status().running


def test_another_process_can_stop_it(cloud: LaptopCloud) -> None:
    with program(cloud.state_dir) as starter:
        output, errors = starter.communicate(timeout=30)
        assert output == "started\n", errors
    servers = pids(cloud)
    assert cloud.status().running
    assert cloud.stop()
    assert not any(map(alive, servers))


def test_nothing_has_an_address_before_it_runs_or_after(cloud: LaptopCloud) -> None:
    for _ in range(2):
        with pytest.raises(NotRunningError, match="no laptop cloud is running"):
            cloud.environment()
        with pytest.raises(NotRunningError):
            _ = cloud.snowflake_address
        cloud.start(region="eu-west-1")
        cloud.stop()


def test_of_the_last_run_only_the_ports_are_left(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    ports_before = [server.port for server in cloud.status().servers]
    cloud.stop()
    left = [cloud.state_dir / server / "left" for server in ("aws", "snowflake")]
    for file in left:
        file.touch()
    cloud.start(region="eu-west-1")
    assert not any(file.exists() for file in left)
    assert [server.port for server in cloud.status().servers] == ports_before


def test_a_server_that_ignores_sigterm_is_killed_with_its_children(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop.cloud.cloud, "_STOP_SECONDS", 0.3)
    monkeypatch.setenv("STUB", "stubborn parent")
    cloud.start(region="eu-west-1")
    family = stubs_of(cloud.state_dir)
    assert len(family) >= 4
    assert cloud.stop()
    eventually(lambda: not any(alive(process.pid) for process in family))


def test_children_of_a_server_that_crashed_are_ended_too(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB", "parent")
    cloud.start(region="eu-west-1")
    family = stubs_of(cloud.state_dir)
    for pid in pids(cloud):
        os.kill(pid, signal.SIGKILL)
    assert cloud.stop()
    eventually(lambda: not any(alive(process.pid) for process in family))


def test_after_a_crash_it_is_not_running_and_starts_anew(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    first = pids(cloud)
    os.kill(first[0], signal.SIGKILL)
    eventually(lambda: not cloud.status().running)
    assert [server.running for server in cloud.status().servers] == [False, True]
    cloud.start(region="eu-west-1")
    assert cloud.status().running
    assert not any(map(alive, first))


def test_a_pid_that_now_belongs_to_someone_else_is_left_alone(cloud: LaptopCloud) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as stranger:
        cloud.start(region="eu-west-1")
        file = StateFile(cloud.state_dir)
        state = file.load()
        assert state is not None
        cloud.stop()
        stolen = [server.model_copy(update={"pid": stranger.pid}) for server in state.servers]
        file.save(state.model_copy(update={"servers": tuple(stolen)}))

        assert not cloud.status().running
        assert not cloud.stop()
        file.save(state.model_copy(update={"servers": tuple(stolen)}))
        cloud.start(region="eu-west-1")
        assert cloud.status().running
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_a_process_that_began_at_another_time_is_not_ours(cloud: LaptopCloud) -> None:
    cloud.start(region="eu-west-1")
    file = StateFile(cloud.state_dir)
    state = file.load()
    assert state is not None
    older = [server.model_copy(update={"created": server.created - 60}) for server in state.servers]
    file.save(state.model_copy(update={"servers": tuple(older)}))
    assert not cloud.status().running
    assert not cloud.stop()
    file.save(state)
    assert cloud.status().running


def test_a_server_that_dies_is_reported_with_the_end_of_its_log(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB", "die")
    with pytest.raises(ServerFailedError, match="ended with status 3") as failure:
        cloud.start(region="eu-west-1")
    assert "something is badly wrong" in str(failure.value)
    assert str(failure.value.log) in str(failure.value)
    assert stubs_of(cloud.state_dir) == []


def test_a_server_that_is_never_ready_is_reported_and_ended(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop.cloud.cloud, "_START_SECONDS", 0.5)
    monkeypatch.setenv("STUB", "deaf")
    with pytest.raises(ServerFailedError, match=r"was not ready on port \d+ within"):
        cloud.start(region="eu-west-1")
    assert stubs_of(cloud.state_dir) == []


def test_a_port_that_is_snatched_away_is_replaced(
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
        cloud.start(region="eu-west-1")
        assert cloud.status().running
        assert asked == 4


@pytest.mark.parametrize("attached", [[], ["attached"]])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_start_leaves_nothing(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, attached: list[str]
) -> None:
    monkeypatch.setenv("STUB", "deaf parent")
    with program(cloud.state_dir, *attached) as starter:
        eventually(lambda: len(pids(cloud)) == 2)
        servers = pids(cloud)
        starter.send_signal(number)
        starter.communicate(timeout=20)
        assert starter.returncode != 0
    assert not any(map(alive, servers))
    assert stubs_of(cloud.state_dir) == []


def test_an_attached_cloud_goes_when_its_parent_is_killed(cloud: LaptopCloud) -> None:
    with program(cloud.state_dir, "attached", "stay") as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        servers = pids(cloud)
        assert all(map(alive, servers))
        starter.kill()
    eventually(lambda: not any(map(alive, servers)))


def test_a_second_start_at_the_same_moment_is_refused(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB", "deaf")
    with program(cloud.state_dir) as starter:
        eventually(lambda: len(pids(cloud)) == 2)
        with pytest.raises(BusyError):
            LaptopCloud(cloud.state_dir).start(region="eu-west-1")
        starter.terminate()
        starter.communicate(timeout=20)
