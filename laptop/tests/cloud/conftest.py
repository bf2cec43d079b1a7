"""A laptop cloud of stubs that is always stopped in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cloud.stub_cloud import stub_commands

import laptop.cloud.cloud
from laptop.cloud.cloud import LaptopCloud


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(laptop.cloud.cloud, "server_commands", stub_commands)
    return tmp_path / "cloud"


@pytest.fixture
def cloud(state_dir: Path) -> Iterator[LaptopCloud]:
    cloud = LaptopCloud(state_dir)
    yield cloud
    cloud.stop()
