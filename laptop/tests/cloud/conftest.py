"""Laptop clouds of stub servers, which are always stopped at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stub_cloud import stub_commands

import laptop.cloud.cloud
from laptop import LaptopCloud


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LaptopCloud]:
    monkeypatch.setattr(laptop.cloud.cloud, "server_commands", stub_commands)
    cloud = LaptopCloud(tmp_path / "cloud", region="eu-west-1")
    yield cloud
    cloud.stop()


@pytest.fixture
def with_page(cloud: LaptopCloud, tmp_path: Path) -> Iterator[LaptopCloud]:
    (tmp_path / "uplot").mkdir()
    cloud = LaptopCloud(cloud.state_dir, region="eu-west-1", page=True, node_modules=tmp_path, docs=tmp_path)
    with cloud:
        yield cloud
