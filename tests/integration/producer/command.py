"""`clickstream send` in this process or another one, and what it sent and left behind."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cli.main import app
from cli.output import CommandError
from producer import ProducerError

ROOT = Path(__file__).parents[3]
GOOD = b'{"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}\n'


def run(*arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and all output."""
    result: Result = CliRunner().invoke(app, ["send", *arguments])
    if isinstance(result.exception, CommandError):
        return result.exception.exit_code, result.output + str(result.exception)
    if isinstance(result.exception, ProducerError):
        return 1, result.output + str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a separate process that is stopped at the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "send", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def sent(wire: Any) -> list[bytes]:
    return [
        event
        for _, request in wire.requests
        for record in request["Records"]
        for event in base64.b64decode(record["Data"]).split(b"\n")
    ]


def rejects() -> list[dict[str, Any]]:
    (file,) = Path().glob("clickstream-rejects-*.ndjson")
    return [json.loads(line) for line in file.read_text().splitlines()]
