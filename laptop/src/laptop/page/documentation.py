"""The project's documentation in the browser, so that an alarm's runbook is one click away."""

from __future__ import annotations

import html
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from laptop.page.markdown import render_page

_DOCS = Path(__file__).resolve().parents[4] / "docs"
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


def show_documentation(request: Request) -> Response:
    """A page of docs/."""
    name = request.path_params["page"]
    path = (_DOCS / name).resolve()
    if not (path.is_relative_to(_DOCS) and path.suffix == ".md" and path.is_file()):
        raise HTTPException(404, f"there is no docs/{name}")
    body = render_page(path.read_text(encoding="utf-8"))
    return HTMLResponse(_HTML.format(title=html.escape(name), body=body))
