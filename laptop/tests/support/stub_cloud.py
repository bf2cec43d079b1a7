"""A laptop cloud of stub servers, in this process or as a program: `python stub_cloud.py DIR [detach] [stay]`."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import laptop.cloud.cloud
from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.servers import Options, ServerCommand, server_commands
from laptop.cloud.state import CloudState

STUB = Path(__file__).with_name("stub_server.py")


def stub_commands(state_dir: Path, state: CloudState, options: Options) -> list[ServerCommand]:
    program = (sys.executable, str(STUB))
    commands = server_commands(state_dir, state, options)
    return [dataclasses.replace(command, program=program) for command in commands]


def program(state_dir: Path, *words: str) -> subprocess.Popen[str]:
    """A cloud started by another process."""
    return subprocess.Popen(
        [sys.executable, __file__, str(state_dir), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pids(cloud: LaptopCloud) -> list[int]:
    """The servers of a cloud."""
    return [server.pid for server in cloud.status().servers]


if __name__ == "__main__":
    laptop.cloud.cloud.server_commands = stub_commands  # type: ignore[attr-defined]
    cloud = LaptopCloud(Path(sys.argv[1]))
    cloud.start()
    if "detach" in sys.argv:
        cloud.detach()
    print("started", flush=True)
    if "stay" in sys.argv:
        sys.stdin.read()
