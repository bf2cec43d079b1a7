"""A laptop cloud of stub servers, here and as a program of its own: `python -m … DIR [attached]`."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import laptop.cloud.cloud
from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.processes import ServerCommand
from laptop.cloud.servers import server_commands
from laptop.cloud.state import CloudState

STUB = "tests.cloud.stub_server"


def stub_commands(state_dir: Path, state: CloudState) -> list[ServerCommand]:
    return [dataclasses.replace(command, module=STUB) for command in server_commands(state_dir, state)]


if __name__ == "__main__":
    laptop.cloud.cloud.server_commands = stub_commands  # type: ignore[attr-defined]
    cloud = LaptopCloud(Path(sys.argv[1]))
    cloud.start(region="eu-west-1", attached="attached" in sys.argv)
    print("started", flush=True)
    if "stay" in sys.argv:
        time.sleep(300)
