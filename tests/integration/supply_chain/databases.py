"""The two services that the audit asks, on loopback: an OSV database and an npm registry's audit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from supply_chain.auditors import Auditors

CONTROLS = frozenset({"requests 2.19.0", "minimist 0.0.8"})


@dataclass
class Databases:
    """What the services know, and how they answer.

    Args:
        vulnerable: releases with a vulnerability, `name version`.
        status: of every answer.
        body: sent instead of an answer.
    """

    vulnerable: frozenset[str] = CONTROLS
    status: int = 200
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Auditors]:
        """Auditors that ask these services, while they run."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield Auditors(osv_url=f"{address}/osv/query", npm_registry=f"{address}/npm")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, path: str, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a POST."""
        if path.startswith("/osv"):
            return self._osv(question["package"]["name"], question["version"])
        self.asked += question
        return {
            name: [_ADVISORY]
            for name, versions in question.items()
            if any(f"{name} {version}" in self.vulnerable for version in versions)
        }

    def _osv(self, name: str, version: str) -> dict[str, Any]:
        self.asked.append(name)
        if f"{name} {version}" not in self.vulnerable:
            return {}
        versions = {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [_FIXED]}
        return {
            "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "made up", "affected": [versions]}]
        }


_FIXED = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.0"}]}
_ADVISORY = {
    "id": 1,
    "url": "https://advisories.example/GHSA-1",
    "title": "made up",
    "severity": "high",
    "vulnerable_versions": "<999",
    "cwe": [],
    "cvss": {"score": 7, "vectorString": None},
}


def _handler(databases: Databases) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self._send(databases.answer(self.path, json.loads(body)))

        def do_GET(self) -> None:  # npm asks which releases of a vulnerable package there are
            self._send({"name": self.path.rpartition("/")[2], "versions": {}})

        def log_message(self, *_: object) -> None:
            pass

        def _send(self, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode() if databases.body is None else databases.body
            self.send_response(databases.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
