"""Markdown as HTML: the text widgets of a dashboard, and the pages that alarms link to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.anchors import anchors_plugin


def _outward(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Open a widget's link in a new tab."""
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return self.renderToken(tokens, index, options, env)


# HTML in the source is shown as text, and only harmless schemes become links.
_SAFE: dict[str, Any] = {"html": False}
_text = MarkdownIt("commonmark", _SAFE).enable(["table", "strikethrough"])
_text.add_render_rule("link_open", _outward)
_page = MarkdownIt("commonmark", _SAFE).enable(["table"]).use(anchors_plugin, max_level=4)


def render_text(markdown: str) -> str:
    """A text widget."""
    return str(_text.render(markdown))


def render_page(markdown: str) -> str:
    """A page of the documentation; its headings can be linked to."""
    return str(_page.render(markdown))


@lru_cache(maxsize=8)
def anchors_of(markdown: str) -> tuple[str, ...]:
    """The anchors of a page's headings, in their order."""
    return tuple(str(token.attrGet("id")) for token in _page.parse(markdown) if token.type == "heading_open")
