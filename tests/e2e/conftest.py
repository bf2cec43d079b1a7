"""The `clickstream` command as a person runs it, with a state folder of its own."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Laptop:
    """A person at a laptop whose `.local/` is `state`."""

    state: Path
    config: Path = ROOT / "config"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`clickstream …` in the background, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """`clickstream …`, which must end with `code`; its output, both streams."""
        process = self.start(*arguments)
        try:
            output, messages = process.communicate(timeout=240)
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
            raise
        assert process.returncode == code, (
            f"{arguments} ended with {process.returncode}:\n{output}\n{messages}"
        )
        return output + messages if code else output

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of one statement in the running laptop cloud."""
        rows: list[dict[str, Any]] = json.loads(self.run("query", sql, "--json"))
        return rows

    def settings(self) -> dict[str, str]:
        """What `clickstream env` exports."""
        commands = map(shlex.split, self.run("env").splitlines())
        return dict(words[1].split("=", 1) for words in commands if words[0] == "export")

    def client(self, service: str) -> Any:
        """An administrator's client of the running laptop cloud."""
        return connect(self.settings(), service)

    def cdk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The CDK CLI, pointed at the running laptop cloud as docs/laptop.md says."""
        return subprocess.run(
            [
                str(ROOT / "node_modules" / ".bin" / "cdk"),
                *arguments,
                "--output",
                str(self.state / "cdk.out"),
            ],
            cwd=ROOT,
            env={**self._environment(), **self.settings(), "CDK_DISABLE_CLI_TELEMETRY": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def processes(self) -> list[str]:
        """Command lines of whatever still runs for this laptop."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ"]):
            command = " ".join(process.info["cmdline"] or [])
            environment = process.info["environ"] or {}
            if str(self.state) in command or environment.get("CLICKSTREAM_STATE") == str(self.state):
                found.append(command)
        return found

    def _environment(self) -> dict[str, str]:
        search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {
            **os.environ,
            "PATH": search,
            "CLICKSTREAM_STATE": str(self.state),
            "CLICKSTREAM_CONFIG": str(self.config),
        }


def connect(settings: Mapping[str, str], service: str, **keys: str) -> Any:
    """A client of the laptop cloud that has these settings, with other keys if there are any."""
    own: dict[str, Any] = {
        "aws_access_key_id": settings["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": settings["AWS_SECRET_ACCESS_KEY"],
    }
    return boto3.client(
        service,
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name=settings["AWS_REGION"],
        config=Config(retries={"total_max_attempts": 1}),
        **(dict[str, Any](keys) or own),
    )


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop that nothing runs on yet, and that nothing may run on afterwards."""
    laptop = Laptop(tmp_path / "state")
    try:
        yield laptop
    finally:
        laptop.run("down")
    assert laptop.processes() == []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A laptop with the pipeline deployed, for one file of tests."""
    laptop = Laptop(tmp_path_factory.mktemp("local") / "state")
    try:
        laptop.run("up")
        yield laptop
    finally:
        laptop.run("down")
    assert laptop.processes() == []
