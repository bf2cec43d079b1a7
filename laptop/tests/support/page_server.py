"""The page's server, and requests to it."""

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

from packages import node_modules

from laptop.cloud.environment import client_environment
from laptop.cloud.keys import create_key_pair
from laptop.testing.aws import REGION
from laptop.testing.waiting import eventually, free_port


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class PageServer:
    """A running page."""

    port: int

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request with the given headers."""
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
        """True if the server answers."""
        try:
            return self.ask("/health").status == 200
        except OSError:
            return False


@contextmanager
def page_over_nothing(directory: Path, docs: Path) -> Iterator[PageServer]:
    """A page without an emulator and a stand-in."""
    page, log = PageServer(free_port()), directory / "page.log"
    private_key, _ = create_key_pair(directory, "admin")
    command = [sys.executable, "-m", "laptop.page", "--port", str(page.port), "--state-dir", str(directory)]
    command += ["--snowflake-port", str(free_port()), "--admin-private-key", str(private_key)]
    command += ["--node-modules", str(node_modules()), "--docs", str(docs)]
    environment = {**os.environ, **client_environment(aws_port=free_port(), region=REGION)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment
        )
    with process:
        eventually(page.is_healthy, within=30)
        yield page
    assert process.returncode == 0, log.read_text()
