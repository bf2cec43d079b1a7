"""HTTP on loopback: the connector's paths, a health check, and faults for tests."""

from __future__ import annotations

import gzip
import http.server
import json
import logging
import re
import threading
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from laptop.cloud.gate import refusal
from laptop.snowflake import errors, wire
from laptop.snowflake.api import Api, LostAnswerError, UnavailableError
from laptop.snowflake.auto_ingest import AutoIngest
from laptop.snowflake.engine import Engine
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.faults import Faults

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
# 404 would mean that an object is missing, and clients repeat what gets a 5xx.
_NO_REST_API = 422
_LOAD_HISTORY = re.compile(r"/v1/data/pipes/([^/]+)/loadHistoryScan")
_TOKEN = re.compile(r'Snowflake Token="([^"]*)"')


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Send headers and body in one packet; with Nagle's algorithm every answer would take 40 ms longer.
    wbufsize = -1
    disable_nagle_algorithm = True
    api: Api
    faults: Faults

    def parse_request(self) -> bool:
        """Read the request's head; refuse requests of web pages."""
        if not super().parse_request():
            return False
        why = refusal({name.lower(): value for name, value in self.headers.items()})
        if why is None:
            return True
        self.close_connection = True
        self._reply({"message": why}, status=403)
        return False

    def do_GET(self) -> None:
        match urlsplit(self.path).path:
            case "/health":
                self._reply({"status": "ok"})
            case "/faults":
                self._reply([fault.model_dump() for fault in self.faults.waiting()])
            case "/warehouses":
                self._reply(self.api.billed_seconds())
            case path if found := _LOAD_HISTORY.fullmatch(path):
                query = dict(parse_qsl(urlsplit(self.path).query))
                authorization = self.headers.get("Authorization") or ""
                self._reply(*self.api.load_history_scan(authorization, found[1], query))
            case path:
                self._reply(*_unknown(path))

    def do_DELETE(self) -> None:
        if self.path != "/faults":
            self._reply(*_unknown(self.path))
            return
        self.faults.clear()
        self._reply([])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            status, answer = self._answer(body)
        except SnowflakeError as error:
            status, answer = 200, wire.refusal(error)
        except UnavailableError:
            self.close_connection = True
            status, answer = 503, {"message": "unavailable"}
        except LostAnswerError:
            self.close_connection = True
            return
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("bad request path=%s error=%s", urlsplit(self.path).path, type(error).__name__)
            status, answer = 400, {"message": f"bad request: {error}"}
        self._reply(answer, status=status)

    def _answer(self, body: bytes) -> tuple[int, Any]:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        found = _TOKEN.match(self.headers.get("Authorization") or "")
        token = found[1] if found else ""
        match url.path:
            case "/session/v1/login-request":
                return 200, self.api.login(query, body)
            case "/queries/v1/query-request":
                return 200, self.api.query(token, query, body)
            case "/queries/v1/abort-request":
                return 200, self.api.abort(body)
            case "/session/token-request":
                return 200, self.api.renew(token, body)
            case "/session/heartbeat":
                return 200, self.api.heartbeat(token)
            case "/session" if query.get("delete") == "true":
                return 200, self.api.logout(token)
            case "/telemetry/send":
                return 200, {"data": None, "success": True, "code": None, "message": None}
            case "/faults":
                return 200, {"waiting": self.faults.add(body)}
            case _:
                answer, status = _unknown(url.path)
                return status, answer

    def _reply(self, document: Any, status: int = 200) -> None:
        content = json.dumps(document).encode()
        # snow shows its user this line, not the document.
        self.send_response(status, document["message"] if status == _NO_REST_API else None)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: statements are logged where they run, requests are not."""


def _unknown(path: str) -> tuple[dict[str, str], int]:
    message = errors.unsupported(f"requests to {path}").message
    return {"message": message}, _NO_REST_API if path.startswith("/api/") else 404


class _HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Server:
    """The running stand-in: HTTP and auto-ingest."""

    def __init__(self, engine: Engine, *, port: int) -> None:
        self._engine = engine
        self._api = Api(engine)
        handler = type("Handler", (_Handler,), {"api": self._api, "faults": engine.faults})
        self._http = _HttpServer((HOST, port), handler)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.1,), name="http", daemon=True
        )
        self._ingest = AutoIngest(engine.queue, engine.pipes)

    @property
    def port(self) -> int:
        """The server's port."""
        return self._http.server_port

    def start(self) -> None:
        """Start answering requests and loading notified files."""
        self._thread.start()
        self._ingest.start()

    def stop(self) -> None:
        """Finish work in progress and close everything."""
        self._api.stop()
        self._engine.faults.clear()
        self._http.shutdown()
        self._http.server_close()
        self._engine.pipes.close()
        self._ingest.stop()
        self._engine.close()
