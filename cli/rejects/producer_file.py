"""Rejects of a producer, from the files that `clickstream send` writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.output import CommandError
from cli.rejects.entry import UNREADABLE, Entry

NOT_SENT = "not_sent"


def producer_rejects(paths: Iterable[Path]) -> Iterator[Entry]:
    """The rejects in files of `send`, each with its line there; a line that cannot be read is one, too.

    Raises:
        CommandError: a file cannot be read.
    """
    for path in paths:
        try:
            lines = path.read_bytes().split(b"\n")
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise CommandError(
                f"cannot read --file {path}: {error.strerror}; name a file that `clickstream send` wrote, such as "
                "clickstream-rejects-….ndjson",
                exit_code=2,
            ) from None
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _entry(line, path, number, written)


def _entry(line: bytes, path: Path, number: int, written: datetime) -> Entry:
    try:
        value = json.loads(line)
        reason, message, data = NOT_SENT, str(value["reason"]), _bytes(value["event"])
        source: dict[str, Any] = {"line": int(value["line"]), "bytes": int(value["bytes"])}
        if len(data) < source["bytes"]:
            data = data.removesuffix("…".encode())
            message += f" (the file has the first {len(data):,} of {source['bytes']:,} bytes)"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason, message, data = UNREADABLE, f"no line of `send`: {type(error).__name__}: {error}", line
        source = {}
    return Entry(
        reject_id=hashlib.sha256(b"%s\0%d\0%s" % (path.name.encode(), number, line)).hexdigest()[:32],
        at=written,
        events="",
        reason=reason,
        message=message,
        source=source,
        data=data,
        key=str(path),
        lines=(number,),
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
