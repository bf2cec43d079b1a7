"""State that is kept between commands."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from laptop.cloud.errors import BusyError
from laptop.cloud.state import CloudState, ServerRecord, StateFile

STATE = CloudState(
    region="eu-west-1",
    aws_port=4566,
    snowflake_port=8084,
    servers=(
        ServerRecord(
            name="AWS emulator", pid=1, created=1.5, port=4566, state_dir=Path("/state"), log=Path("/log")
        ),
    ),
)


def test_saved_state_is_loaded(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.save(STATE)
    assert file.load() == STATE
    assert stat.S_IMODE((tmp_path / "cloud.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, "", "{", '{"region": "eu-west-1"}', "[]"])
def test_unreadable_state_is_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "cloud.json").write_text(content)
    assert StateFile(tmp_path).load() is None


def test_the_lock_is_exclusive(tmp_path: Path) -> None:
    first, second = StateFile(tmp_path), StateFile(tmp_path)
    refused = pytest.raises(BusyError, match="another command is starting or stopping")
    with first.locked(), refused, second.locked():
        pass
    with second.locked():
        pass


def test_the_lock_is_released_with_its_process(tmp_path: Path) -> None:
    hold = "import os, pathlib, sys; from laptop.cloud.state import StateFile\n"
    hold += "with StateFile(pathlib.Path(sys.argv[1])).locked(): os._exit(7)"
    assert subprocess.run([sys.executable, "-c", hold, str(tmp_path)], check=False).returncode == 7
    with StateFile(tmp_path).locked():
        pass


def test_only_its_owner_can_read_the_directory(tmp_path: Path) -> None:
    with StateFile(tmp_path / "cloud").locked():
        assert stat.S_IMODE((tmp_path / "cloud").stat().st_mode) == 0o700
