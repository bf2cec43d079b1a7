"""The laptop cloud with its real servers."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import snowflake.connector
from packages import node_modules
from processes import processes_of

from laptop import LaptopCloud, LaptopCloudError
from laptop.testing.waiting import eventually

START = """
import pathlib, sys
from laptop import LaptopCloud
with LaptopCloud(pathlib.Path(sys.argv[1]), page=True, node_modules=pathlib.Path(sys.argv[2])):
    print("started", flush=True)
    sys.stdin.read()
"""
STARTER_AND_SERVERS = 4


def test_the_administrator_can_log_in_to_the_stand_in(shared_cloud: LaptopCloud) -> None:
    with closing(snowflake.connector.connect(**shared_cloud.snowflake_connection())) as session:
        assert session.cursor().execute("SELECT CURRENT_USER()").fetchone() == ("ADMIN",)


@pytest.mark.parametrize("instant", ["coming up", "up"])
def test_a_killed_starter_leaves_no_process(tmp_path: Path, instant: str) -> None:
    state_dir = tmp_path / "cloud"
    command = [sys.executable, "-c", START, str(state_dir), str(node_modules())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        eventually(lambda: len(processes_of(state_dir)) == STARTER_AND_SERVERS)
        if instant == "up":
            assert starter.stdout is not None
            assert starter.stdout.readline() == "started\n"
        starter.kill()
    eventually(lambda: processes_of(state_dir) == [], within=30)


def test_a_page_without_its_charting_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LaptopCloudError, match=r"uPlot.*npm ci"):
        LaptopCloud(tmp_path, page=True, node_modules=tmp_path / "nothing")
