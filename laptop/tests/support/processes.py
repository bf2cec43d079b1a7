"""Processes of this machine, found by their command lines."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil


def alive(pid: int) -> bool:
    """True if a process runs and is not a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes_of(directory: Path) -> list[psutil.Process]:
    """Every process that has something under `directory` on its command line, and its children."""
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if process.pid != os.getpid() and any(str(directory) in word for word in words):
            with suppress(psutil.NoSuchProcess):
                found |= {process, *process.children(recursive=True)}
    return [process for process in found if alive(process.pid)]
