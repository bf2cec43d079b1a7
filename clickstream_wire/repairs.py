"""Names of repair objects: files of the lake with lines that are missing in the table.

A repair object stands in the hour folder of its origin, so it is loaded like any file. Its name follows from its origin
and its content: Snowpipe loads a name once within 14 days, so one that is written again is not loaded again.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
"""

from __future__ import annotations

import hashlib
import re

_NAME = re.compile(r"(?:.*/)?repair-([0-9a-f]{16})-[0-9a-f]{16}\.json\.gz")


def repair_name(origin: str, lines: str, content: bytes) -> str:
    """The name of a repair object.

    Args:
        origin: the key of the object that had the lines.
        lines: their numbers there.
        content: its content, before compression.
    """
    digest = _short_digest(lines.encode() + b"\n" + content)
    return f"repair-{fingerprint(origin)}-{digest}.json.gz"


def fingerprint(origin: str) -> str:
    """The part that the names of an origin's repair objects share."""
    return _short_digest(origin.encode())


def repaired(key: str) -> str | None:
    """The fingerprint of a repair object's origin; None if the key is of another object."""
    match = _NAME.fullmatch(key)
    return match[1] if match else None


def _short_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
