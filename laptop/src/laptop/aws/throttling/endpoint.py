"""`/_laptop/limits`: the enforced limits, read and changed over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from laptop.aws.throttling.quotas import switch

PATH = "/_laptop/limits"

# ASGI's own types differ from server to server.
Receive = Callable[..., Any]
Send = Callable[..., Any]
App = Callable[..., Awaitable[None]]


def with_limits(app: App) -> App:
    """The emulator's application with this endpoint added."""

    async def served(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await _answer(scope["method"], receive, send)
        else:
            await app(scope, receive, send)

    return served


async def _answer(method: str, receive: Receive, send: Send) -> None:
    status, text = 200, ""
    try:
        match method:
            case "GET":
                pass
            case "PUT":
                switch.set(await _body(receive))
            case "DELETE":
                switch.clear()
            case _:
                status, text = 405, "GET, PUT or DELETE"
    except ValueError as error:
        status, text = 400, str(error)
    content = (text or switch.enforced.model_dump_json()).encode()
    headers = [(b"content-type", b"text/plain" if text else b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
