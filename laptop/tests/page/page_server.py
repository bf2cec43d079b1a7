"""The page's server as a process of its own, asked as any program on the machine could ask it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laptop.cloud.environment import client_environment
from laptop.cloud.keys import create_key_pair
from laptop.testing.aws import REGION
from laptop.testing.waiting import eventually, free_port


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class PageServer:
    """A running page."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, with the headers of one's choice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            own = {"Host": host or f"127.0.0.1:{self.port}"}
            connection.request(method, path, headers=own | dict(headers or {}))
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, received, answer.read().decode())
        finally:
            connection.close()

    def is_healthy(self) -> bool:
        """Whether it answers."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask("/health").status == 200
        except OSError:
            return False


@contextmanager
def running_page(directory: Path, *, aws_port: int, snowflake_port: int) -> Iterator[PageServer]:
    """A page over an emulator and a stand-in, which need not be there; it ends with the test run."""
    port, log = free_port(), directory / "page.log"
    private_key, _ = create_key_pair(directory, "admin")
    command = [sys.executable, "-m", "laptop.page", "--port", str(port), "--state-dir", str(directory)]
    command += ["--snowflake-port", str(snowflake_port), "--admin-private-key", str(private_key)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--watch-stdin"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, **client_environment(aws_port=aws_port, region=REGION)},
        )
    page = PageServer(process, port, log)
    try:
        eventually(page.is_healthy)
        yield page
    finally:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0, log.read_text()
