"""`/_laptop/…`: limits and faults of the emulator, read and changed over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from laptop.aws.faults.fault import faults
from laptop.aws.throttling.quotas import switch

# ASGI's own types differ from server to server.
Receive = Callable[..., Any]
Send = Callable[..., Any]
App = Callable[..., Awaitable[None]]

_CHANGES: dict[str, dict[str, Callable[[bytes], Any]]] = {
    "/_laptop/limits": {"PUT": switch.set, "DELETE": lambda _: switch.clear()},
    "/_laptop/faults": {"POST": faults.add, "DELETE": lambda _: faults.clear()},
}
_DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "/_laptop/limits": lambda: switch.enforced.model_dump_json().encode(),
    "/_laptop/faults": faults.document,
}


def with_control(app: App) -> App:
    """The emulator's application with these addresses added."""

    async def served(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _CHANGES:
            await _answer(scope["path"], scope["method"], await _body(receive), send)
        else:
            await app(scope, receive, send)

    return served


async def _answer(path: str, method: str, body: bytes, send: Send) -> None:
    changes, status, refusal = _CHANGES[path], 200, ""
    try:
        if method in changes:
            changes[method](body)
        elif method != "GET":
            status, refusal = 405, ", ".join(["GET", *changes])
    except ValueError as error:
        status, refusal = 400, str(error)
    content = refusal.encode() or _DOCUMENTS[path]()
    headers = [(b"content-type", b"text/plain" if refusal else b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
