"""The page as a web application: its addresses and security headers."""

from __future__ import annotations

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from laptop.page.api import Api
from laptop.page.documentation import Documentation
from laptop.page.stand_in import StandInError

_STATIC = Path(__file__).with_name("static")
# Rows and labels are untrusted text. Even if one were treated as HTML, it could run and load nothing.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def create_app(api: Api, documentation: Documentation, *, uplot: Path) -> Starlette:
    """The application that serves the page and `api`, read-only.

    Args:
        api: all data of the page.
        documentation: the pages that alarms link to.
        uplot: folder of the charting library.
    """
    return Starlette(
        routes=[
            Route("/", lambda request: FileResponse(_STATIC / "index.html"), methods=["GET"]),
            Route("/health", lambda request: JSONResponse({"status": "ok"}), methods=["GET"]),
            Route("/api/dashboards", api.dashboards, methods=["GET"]),
            Route("/api/dashboards/{dashboard}/metrics", api.metrics, methods=["GET"]),
            Route("/api/alarms", api.alarms, methods=["GET"]),
            Route("/api/tables", api.tables, methods=["GET"]),
            Route("/api/rows", api.rows, methods=["GET"]),
            Route("/docs/{page:path}", documentation.show, methods=["GET"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Mount("/uplot", StaticFiles(directory=uplot)),
        ],
        middleware=[Middleware(_SafeHeaders)],
        exception_handlers={
            BotoCoreError: _from("AWS emulator"),
            ClientError: _from("AWS emulator"),
            StandInError: _from("Snowflake stand-in"),
            HTTPException: _refused,
        },
    )


def _from(server: str) -> ExceptionHandler:
    def answer(request: Request, error: Exception) -> Response:
        return JSONResponse({"server": server, "error": str(error)}, status_code=502)

    return answer


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


class _SafeHeaders:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_safely)
