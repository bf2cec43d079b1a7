"""One JSON object a line, so that CloudWatch Logs Insights can query them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TextIO


class Log:
    """Writes lines that all carry the same bound fields, such as the request id."""

    def __init__(self, bound: Mapping[str, object] | None = None, stream: TextIO | None = None) -> None:
        self._bound = dict(bound or {})
        self._stream = stream

    def info(self, message: str, **fields: object) -> None:
        """Log something expected."""
        self._write("INFO", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Log something that may need attention."""
        self._write("WARNING", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Log the failure of the request."""
        self._write("ERROR", message, fields)

    def _write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        line = {"level": level, "message": message, **self._bound, **fields}
        # Looked up for each line: a test (and Lambda, between invocations) may replace sys.stdout.
        print(json.dumps(line, default=str, ensure_ascii=False), file=self._stream or sys.stdout, flush=True)
