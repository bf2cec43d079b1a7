"""Errors of the laptop cloud, in words for the person who started it."""

from __future__ import annotations

from pathlib import Path


class LaptopCloudError(Exception):
    """The laptop cloud cannot do what was asked; the message says why and what to do."""


class AlreadyRunningError(LaptopCloudError):
    """It was started before and still runs."""


class NotRunningError(LaptopCloudError):
    """It does not run, so it has no address."""


class BusyError(LaptopCloudError):
    """Another process is starting or stopping it at this moment."""


class ServerFailedError(LaptopCloudError):
    """A server ended or did not answer in time; the message ends with the end of its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}; the end of {log}:\n{_tail(log)}")
        self.log = log


def _tail(log: Path) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-20:]) or "(it is empty)"
