"""`make clean` stops the servers before it removes their state."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STOPPED = "echo \"$* $(test -e .local/up/cloud.json && echo 'with its state')\" > told"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and the state of a laptop cloud."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".local" / "up").mkdir(parents=True)
    (tmp_path / ".local" / "up" / "cloud.json").touch()
    return tmp_path


def clean(project: Path) -> int:
    return subprocess.run(["make", "--directory", str(project), "clean"], check=False).returncode


def test_clean_stops_the_laptop_cloud_before_removing_its_state(project: Path) -> None:
    command = project / ".venv" / "bin" / "clickstream"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\n{STOPPED}\n")
    command.chmod(0o755)
    assert clean(project) == 0
    assert (project / "told").read_text().split(maxsplit=1) == ["down", "with its state\n"]
    assert not (project / ".local").exists()


def test_clean_works_before_the_set_up(project: Path) -> None:
    assert clean(project) == 0
    assert not (project / ".local").exists()
