"""Blocks requests of web pages to the servers of the laptop cloud; programs on this machine have full access.

A server with its own page lets a browser open it and lets it send requests; no other page may.

The emulator runs any code as a Lambda, and any page in a browser can send requests to loopback: directly, or through a
host name that resolves to it (DNS rebinding). The headers of such a request, which a page cannot change, show it: they
name another host, or the page's origin.

https://fetch.spec.whatwg.org/#origin-header https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# Names that no other party can redirect.
_OURS = re.compile(r"(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9.-]+\.)?localhost)(?::\d+)?", re.IGNORECASE)
_BY_HAND = {"none"}  # typed into the address bar

# ASGI's own types differ from server to server.
App = Callable[[Any, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


def refusal(headers: Mapping[str, str], *, has_page: bool = False) -> str | None:
    """The reason for refusing a request; None if it is allowed.

    Args:
        headers: the request's headers, with lower-case names.
        has_page: True if the server has a page.
    """
    host = headers.get("host", "")
    if not _OURS.fullmatch(host):
        return f"this server answers on loopback only, not as {host!r}"
    by_hand = headers.get("sec-fetch-site", "none") in _BY_HAND and "origin" not in headers
    if not (by_hand or (has_page and _of_own_page(headers))):
        return "this server answers programs, not web pages"
    return None


def _of_own_page(headers: Mapping[str, str]) -> bool:
    """True if the server's page sends the request or is opened by it: a site that links to the page cannot read it."""
    if headers.get("origin", own := f"http://{headers['host']}") != own:
        return False
    return headers.get("sec-fetch-site") == "same-origin" or headers.get("sec-fetch-dest") == "document"


def gated(app: App, *, has_page: bool = False) -> App:
    """The ASGI application, behind the gate."""

    async def served(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
            }
            if (why := refusal(headers, has_page=has_page)) is not None:
                await _refuse(scope["type"], why, send)
                return
        await app(scope, receive, send)

    return served


async def _refuse(kind: str, why: str, send: Callable[..., Any]) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})
