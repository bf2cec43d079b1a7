"""Filter patterns: words that a log line has, or comparisons of the fields of one that is JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from laptop.aws.metric_filters.json_pattern import JsonPattern

Matches = Callable[[str], bool]

_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')


def compiled(pattern: str) -> Matches:
    """What decides whether a line matches.

    Raises:
        ValueError: the pattern is not understood here.
    """
    pattern = pattern.strip()
    if pattern.startswith("{"):
        return _of_json(JsonPattern(pattern))
    if pattern.startswith(("[", "%")):
        raise ValueError(
            f"filter pattern {pattern!r}: the laptop's CloudWatch Logs knows words and JSON fields, "
            "neither columns nor regular expressions"
        )
    return _of_terms(pattern)


def parsed(message: str) -> Any:
    """A line that is JSON; None if it is not."""
    try:
        return json.loads(message)
    except ValueError:
        return None


def _of_json(pattern: JsonPattern) -> Matches:
    def matches(message: str) -> bool:
        document = parsed(message)
        return isinstance(document, dict) and pattern(document)

    return matches


def _of_terms(pattern: str) -> Matches:
    terms = [(sign, quoted or word) for sign, quoted, word in _TERM.findall(pattern)]
    needed = [word for sign, word in terms if not sign]
    unwanted = [word for sign, word in terms if sign == "-"]
    optional = [word for sign, word in terms if sign == "?"]

    def matches(message: str) -> bool:
        return (
            all(word in message for word in needed)
            and not any(word in message for word in unwanted)
            and (not optional or any(word in message for word in optional))
        )

    return matches
