"""Documents of a text, fed whole or in pieces."""

from __future__ import annotations

from contract import DocumentFinder, Found


def documents(text: str, size: int | None = None) -> list[Found]:
    """Find the documents of a text that arrives in pieces of `size` characters; by default in one."""
    finder = DocumentFinder()
    step = size or max(1, len(text))
    found = [one for start in range(0, len(text), step) for one in finder.feed(text[start : start + step])]
    return [*found, *finder.close()]


def document(text: str) -> Found:
    """The only document of a text."""
    (found,) = documents(text)
    return found
