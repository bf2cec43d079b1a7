"""Processes that still run for a test's state folder."""

from __future__ import annotations

from pathlib import Path

import psutil


def processes_of(state: Path) -> list[psutil.Process]:
    """Whatever has that folder on its command line or as its `CLICKSTREAM_STATE`."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if any(str(state) in word for word in process.info["cmdline"] or [])
        or (process.info["environ"] or {}).get("CLICKSTREAM_STATE") == str(state)
    ]
