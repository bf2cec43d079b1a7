"""Two servers in place of AWS on loopback: one with scripted answers, and the emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from laptop.testing.waiting import eventually, free_port

REGION = "eu-west-1"
STARTUP_SECONDS = 30


class Wire(ThreadingHTTPServer):
    """Implements the AWS JSON protocol for the two put calls.

    `script` holds the next answers: (HTTP status, body), "drop" to hang up, or None to accept every record;
    after its end every record is accepted.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[tuple[int, dict[str, Any]] | str | None] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Wire

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.headers["X-Amz-Target"].split(".")[1], request))
        answer = (self.server.script.pop(0) if self.server.script else None) or (200, _all_taken(request))
        if isinstance(answer, str):
            self.close_connection = True
            return
        status, body = answer
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep test output clean."""


def _all_taken(request: dict[str, Any]) -> dict[str, Any]:
    entries: Sequence[dict[str, str]] = [
        {"RecordId": str(n), "SequenceNumber": str(n), "ShardId": "s"}
        for n, _ in enumerate(request["Records"])
    ]
    return {"FailedPutCount": 0, "FailedRecordCount": 0, "RequestResponses": entries, "Records": entries}


def lead_clients_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process's AWS clients at `url`, and at no account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(name="wire")
def _wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with Wire() as server:
        lead_clients_to(server.url, monkeypatch)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session", name="emulator")
def _emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a new MiniStack."""
    folder = tmp_path_factory.mktemp("emulator")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "laptop",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    command = str(Path(sys.executable).with_name("ministack"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([command], env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _is_up(url, process), within=STARTUP_SECONDS)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_up(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"the emulator did not come up at {url}"
    try:
        urllib.request.urlopen(f"{url}/_localstack/health", timeout=1).close()  # noqa: S310 - loopback
    except OSError:
        return False
    return True


@pytest.fixture
def at_work_on_dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with a shell that is set up for the account of environment dev."""
    monkeypatch.setenv("CLICKSTREAM_ENV", "dev")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
