"""Examples of the documentation that a config file still has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from config.model import PipelineConfig

# https://www.rfc-editor.org/rfc/rfc2606 reserves example.com and its like.
_EXAMPLE = re.compile(r"^myorg-|^my-group/|[@/.]example\.(com|net|org)\b", re.IGNORECASE)


def require_filled_in(config: PipelineConfig) -> None:
    """Refuse values that are examples of the documentation; to be called before something is deployed.

    Raises:
        ValueError: there are some; all are named.
    """
    examples = [
        f"{key} = {value!r}"
        for key, value in _texts(config.model_dump(by_alias=True))
        if _EXAMPLE.search(value)
    ]
    if examples and not config.laptop:
        raise ValueError(
            f"config/{config.env}.toml still has examples, to be replaced by your values: {', '.join(examples)}"
        )


def _texts(values: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of nested values, with its dotted key."""
    if isinstance(values, str):
        yield key, values
    elif isinstance(values, dict):
        for name, value in values.items():
            yield from _texts(value, f"{key}.{name}".lstrip("."))
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _texts(value, key)
