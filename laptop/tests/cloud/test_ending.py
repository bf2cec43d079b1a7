"""The end of a laptop cloud, which leaves nothing running; its servers are stubs here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from processes import alive, processes_of
from stub_cloud import pids, program

import laptop.cloud.cloud
from laptop import LaptopCloud
from laptop.cloud.state import StateFile
from laptop.testing.waiting import eventually


def test_stop_ends_everything_and_can_be_repeated(cloud: LaptopCloud) -> None:
    cloud.start()
    servers = pids(cloud)
    assert cloud.stop()
    assert not any(map(alive, servers))
    assert not cloud.stop()
    assert not cloud.status().running


def test_a_detached_cloud_outlives_its_starter_and_another_process_can_stop_it(cloud: LaptopCloud) -> None:
    with program(cloud.state_dir, "detach") as starter:
        output, errors = starter.communicate(timeout=30)
        assert output == "started\n", errors
    servers = pids(cloud)
    assert cloud.status().running
    assert cloud.stop()
    assert not any(map(alive, servers))


def test_a_detached_cloud_runs_on_after_its_block(cloud: LaptopCloud) -> None:
    with cloud:
        cloud.detach()
    assert cloud.status().running


def test_stopping_does_not_wait_for_a_parent_to_collect_exit_statuses(cloud: LaptopCloud) -> None:
    cloud.start()
    stop = (
        "import sys, pathlib, laptop.cloud.cloud as cloud; cloud._STOP_SECONDS = 600; "
        "assert cloud.LaptopCloud(pathlib.Path(sys.argv[1])).stop()"
    )
    subprocess.run([sys.executable, "-c", stop, cloud.state_dir], check=True, timeout=60)
    assert not cloud.status().running


def test_only_the_ports_of_the_last_run_are_kept(cloud: LaptopCloud) -> None:
    cloud.start()
    ports_before = [server.port for server in cloud.status().servers]
    cloud.stop()
    left = [cloud.state_dir / server / "left" for server in ("aws", "snowflake")]
    for file in left:
        file.touch()
    cloud.start()
    assert not any(file.exists() for file in left)
    assert [server.port for server in cloud.status().servers] == ports_before


def test_a_server_that_ignores_sigterm_is_killed_with_its_children(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop.cloud.cloud, "_STOP_SECONDS", 0.3)
    monkeypatch.setenv("STUB", "stubborn parent")
    cloud.start()
    family = processes_of(cloud.state_dir)
    assert len(family) >= 4
    assert cloud.stop()
    eventually(lambda: not any(alive(process.pid) for process in family))


def test_children_of_a_crashed_server_are_ended(cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB", "parent")
    cloud.start()
    family = processes_of(cloud.state_dir)
    for pid in pids(cloud):
        os.kill(pid, signal.SIGKILL)
    assert cloud.stop()
    eventually(lambda: not any(alive(process.pid) for process in family))


def test_after_a_crash_it_is_not_running_and_can_be_started(cloud: LaptopCloud) -> None:
    cloud.start()
    first = pids(cloud)
    os.kill(first[0], signal.SIGKILL)
    eventually(lambda: not cloud.status().running)
    assert [server.running for server in cloud.status().servers] == [False, True]
    cloud.start()
    assert cloud.status().running
    assert not any(map(alive, first))


def test_a_pid_reused_by_another_process_is_not_killed(cloud: LaptopCloud) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as stranger:
        cloud.start()
        file = StateFile(cloud.state_dir)
        state = file.load()
        assert state is not None
        cloud.stop()
        stolen = [server.model_copy(update={"pid": stranger.pid}) for server in state.servers]
        file.save(state.model_copy(update={"servers": tuple(stolen)}))

        assert not cloud.status().running
        assert not cloud.stop()
        file.save(state.model_copy(update={"servers": tuple(stolen)}))
        cloud.start()
        assert cloud.status().running
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_a_process_with_another_start_time_is_a_different_one(cloud: LaptopCloud) -> None:
    cloud.start()
    file = StateFile(cloud.state_dir)
    state = file.load()
    assert state is not None
    older = [server.model_copy(update={"created": server.created - 60}) for server in state.servers]
    file.save(state.model_copy(update={"servers": tuple(older)}))
    assert not cloud.status().running
    assert not LaptopCloud(cloud.state_dir).stop()
    file.save(state)
    assert cloud.status().running


@pytest.mark.parametrize(
    ("servers", "number"),
    [(0, signal.SIGKILL), (1, signal.SIGKILL), (2, signal.SIGKILL), (2, signal.SIGINT), (2, signal.SIGTERM)],
)
def test_a_starter_that_ends_during_the_start_leaves_no_process(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch, servers: int, number: signal.Signals
) -> None:
    monkeypatch.setenv("STUB", "deaf")
    with program(cloud.state_dir, "detach") as starter:
        eventually(lambda: len(processes_of(cloud.state_dir)) > servers)
        starter.send_signal(number)
        starter.communicate(timeout=20)
        assert starter.returncode != 0
    eventually(lambda: processes_of(cloud.state_dir) == [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_starter(cloud: LaptopCloud, number: signal.Signals) -> None:
    with program(cloud.state_dir, "stay") as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        assert all(map(alive, pids(cloud)))
        starter.send_signal(number)
    eventually(lambda: processes_of(cloud.state_dir) == [])


def test_a_server_that_ignores_its_starters_end_is_killed(
    cloud: LaptopCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB", "stubborn")
    with program(cloud.state_dir, "stay") as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        starter.kill()
    eventually(lambda: processes_of(cloud.state_dir) == [])
