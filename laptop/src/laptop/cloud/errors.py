"""Errors of the laptop cloud, worded for its user."""

from __future__ import annotations

from pathlib import Path


class LaptopCloudError(Exception):
    """The laptop cloud cannot do this; the message says why and what to do."""


class AlreadyRunningError(LaptopCloudError):
    """The cloud is already running."""


class NotRunningError(LaptopCloudError):
    """The cloud is not running, so it has no address."""


class BusyError(LaptopCloudError):
    """Another process is starting or stopping the cloud."""


class ServerFailedError(LaptopCloudError):
    """A server ended or did not answer in time; the message ends with the end of its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}; the end of {log}:\n{_tail(log)}")
        self.log = log


def _tail(log: Path) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-20:]) or "(it is empty)"
