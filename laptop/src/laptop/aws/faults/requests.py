"""Requests whose connection is cut, or whose service is unavailable."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from hypercorn.events import Closed

from laptop.aws.faults.fault import RequestFault, faults

logger = logging.getLogger("laptop.aws")

# ASGI's own types differ from server to server.
Receive = Callable[..., Any]
Send = Callable[..., Any]
App = Callable[..., Awaitable[None]]

# In the header of a signed request, and in a presigned address.
_SERVICE = re.compile(r"Credential=[^/&]+(?:/|%2F)\d{8}(?:/|%2F)[\w-]+(?:/|%2F)(\w+)(?:/|%2F)aws4_request")
_IN_S3 = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
_ELSEWHERE = json.dumps({"__type": "ServiceUnavailableException", "message": "Slow down."}).encode()


def with_faults(app: App) -> App:
    """The emulator's application with faults of signed requests; others, such as health checks, have none."""

    async def served(scope: Any, receive: Receive, send: Send) -> None:
        service, operation = _called(scope) if scope["type"] == "http" else ("", "")
        fault = faults.strike(f"{service} {operation}", get_args(RequestFault)) if service else None
        if fault is None:
            await app(scope, receive, send)
            return
        logger.info("fault kind=%s request=%s %s", fault.kind, service, operation)
        if fault.kind == "http_503":
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": _IN_S3 if service == "s3" else _ELSEWHERE})
            return
        if fault.kind == "lost_answer":
            await app(scope, receive, _nowhere)
        await _close(send)

    return served


def _called(scope: Any) -> tuple[str, str]:
    """The service that a request is signed for, empty if it is not signed, and the operation."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1").replace("X-Amz-Credential", "Credential")
    found = _SERVICE.search(headers.get("authorization", "") or query)
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    return found[1] if found else "", target or f"{scope['method']} {scope['path']}"


async def _nowhere(_message: Any) -> None:
    """Send nothing."""


async def _close(send: Send) -> None:
    """Close the connection without an answer, for which ASGI has no message: these are objects of hypercorn."""
    connection = send.__self__.send.__self__  # type: ignore[attr-defined]  # a method of the connection's stream
    await connection.handle(Closed())
    await connection.send(Closed())
