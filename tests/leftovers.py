"""Processes that still run for a test's state folder."""

from __future__ import annotations

from pathlib import Path

import psutil


def processes_of(state: Path) -> list[psutil.Process]:
    """Processes with that folder on their command line or as their `CLICKSTREAM_STATE`."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if any(str(state) in word for word in process.info["cmdline"] or [])
        or (process.info["environ"] or {}).get("CLICKSTREAM_STATE") == str(state)
    ]
