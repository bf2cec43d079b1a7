"""Code blocks of README and docs, as a reader would paste them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path


def documented(page: Path, kind: str) -> list[str]:
    """The fenced blocks of a page in one language, e.g. `sh`."""
    return [
        textwrap.dedent(text) for text in re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)
    ]
