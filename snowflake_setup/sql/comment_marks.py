"""Marks in an object's comment, after the user's text, that identify the object: `[<label>:<value>]`.

A value is 16 hexadecimal digits, or a JSON list. If there are several marks, the fingerprint is the last.
"""

from __future__ import annotations

import hashlib
import re

FINGERPRINT = "def"
_DIGEST = "[0-9a-f]{16}"
_VALUE = rf"{_DIGEST}|\[.*?\]"
_MARK = rf" ?\[\w+:(?:{_VALUE})\]"


def digest(*parts: str) -> str:
    """16 hexadecimal digits that change with any of the parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def marked(comment: str, label: str, value: str | None) -> str:
    """The comment with the mark at its end; without a value, the comment alone."""
    return f"{comment} [{label}:{value}]".lstrip() if value else comment


def unmarked(comment: str) -> str:
    """The user's text alone."""
    return re.sub(rf"(?:{_MARK})+\s*$", "", comment)


def found_mark(comment: object, label: str) -> str | None:
    """The value of the mark in a comment, if it has one."""
    others = "" if label == FINGERPRINT else rf"(?:{_MARK})*"
    match = re.search(rf"\[{label}:({_VALUE})\]{others}\s*$", str(comment or ""))
    return match[1] if match else None
