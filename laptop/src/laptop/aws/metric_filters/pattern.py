"""Filter patterns for the fields of JSON lines, such as `{ $.sent >= 0 && $.stream = "clicks" }`; no others.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Condition = Callable[[Document], bool]

_CONDITION = re.compile(
    r'\(*\s*(?P<field>\$\.[\w.]+)\s*(?P<sign>!=|<=|>=|[=<>])\s*(?P<literal>"(?:[^"\\*]|\\.)*"|[\d.]+)\s*\)*'
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Pattern:
    """One parsed pattern: comparisons that must all hold.

    Raises:
        ValueError: it cannot be parsed.
    """

    def __init__(self, text: str) -> None:
        inside = re.fullmatch(r"\s*\{(.*)\}\s*", text)
        parts = inside[1].strip().split("&&") if inside else []
        found = [_CONDITION.fullmatch(part.strip()) for part in parts]
        if not found or None in found:
            raise ValueError(
                f"filter pattern {text!r}: CloudWatch Logs here supports comparisons of JSON fields joined by &&"
            )
        self._conditions = [_condition(part) for part in found if part]

    def __call__(self, message: str) -> bool:
        """True if a line matches."""
        document = parsed(message)
        return document is not None and all(condition(document) for condition in self._conditions)


def parsed(message: str) -> Document | None:
    """The fields of a line; None if it is not a JSON object."""
    try:
        document = json.loads(message)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def selected(document: Any, field: str) -> Any:
    """The value of `$.a.b` in a document; None if it has none."""
    for step in field.removeprefix("$.").split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def _condition(found: re.Match[str]) -> Condition:
    field, compare, literal = found["field"], _COMPARE[found["sign"]], json.loads(found["literal"])
    kind = str if isinstance(literal, str) else (int, float)

    def holds(document: Document) -> bool:
        value = selected(document, field)
        return isinstance(value, kind) and not isinstance(value, bool) and compare(value, literal)

    return holds
