"""The documentation as HTML, so that an alarm's runbook is one click away."""

from __future__ import annotations

import html
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from laptop.page.markdown import anchors_of, render_page

_HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/page.css">
<link rel="stylesheet" href="/static/documentation.css">
<body class="documentation">
<main>
{body}
</main>
"""


class Documentation:
    """A folder of Markdown pages; no pages for None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder else None

    def show(self, request: Request) -> Response:
        """One page."""
        name = request.path_params["page"]
        path = self._find(name)
        if path is None:
            raise HTTPException(404, f"there is no docs/{name}")
        body = render_page(path.read_text(encoding="utf-8"))
        return HTMLResponse(_HTML.format(title=html.escape(name), body=body))

    def position(self, link: str) -> tuple[int, int]:
        """A sort key for links, in the order of a page's headings; unknown ones last."""
        name, _, anchor = link.removeprefix("docs/").partition("#")
        path = self._find(name)
        anchors = anchors_of(path.read_text(encoding="utf-8")) if path else ()
        return (0, anchors.index(anchor)) if anchor in anchors else (1, 0)

    def _find(self, name: str) -> Path | None:
        if self._folder is None:
            return None
        path = (self._folder / name).resolve()
        return path if path.is_relative_to(self._folder) and path.suffix == ".md" and path.is_file() else None
