"""One laptop cloud per worker, for all tests that do not start or stop one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from packages import node_modules

from laptop import LaptopCloud
from laptop.testing.aws import REGION, Emulator

# Processes that a script starts in the background ignore Ctrl-C, and so would everything started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)

RUNBOOK = """# Runbook

## too-late

Look at the pipe.

## too-much

Look at the producers.
"""


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documentation with a runbook."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "adr").mkdir()
    (folder / "adr" / "README.md").write_text("# Decisions")
    (folder / "runbook.md").write_text(RUNBOOK)
    (folder.parent / "secret.md").write_text("outside")
    return folder


@pytest.fixture(scope="session")
def shared_cloud(tmp_path_factory: pytest.TempPathFactory, docs: Path) -> Iterator[LaptopCloud]:
    """A cloud with a page; its schedules' minute lasts a second."""
    cloud = LaptopCloud(
        tmp_path_factory.mktemp("cloud") / "state",
        region=REGION,
        minute_seconds=1,
        page=True,
        node_modules=node_modules(),
        docs=docs,
    )
    with cloud:
        yield cloud


@pytest.fixture(scope="session")
def emulator(shared_cloud: LaptopCloud) -> Emulator:
    return Emulator.of(shared_cloud)
