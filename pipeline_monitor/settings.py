"""The functions' environments: the pipes to watch, the targets of canaries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from clickstream_wire.environment import CANARY_DEPLOYMENT, CANARY_TARGETS, Monitor
from snowflake_setup.session.errors import SettingsError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.identifiers import ObjectName

T = TypeVar("T")


@dataclass(frozen=True)
class WatchedPipe:
    """A pipe with the table and the data prefix it loads, the kind of event, and whether loads add columns."""

    events: str
    pipe: ObjectName
    table: ObjectName
    data_prefix: str
    schema_evolution: bool = False


@dataclass(frozen=True)
class MonitorSettings:
    """The monitor's pipes and their bucket, its window, the age at which a file is missing, its name in the metrics."""

    deployment: str
    window: timedelta
    bucket: str
    file_age: timedelta
    pipes: tuple[WatchedPipe, ...]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> MonitorSettings:
        """Settings from the variables `MONITOR_…`.

        Raises:
            SetupError: one of them is missing or malformed.
        """
        return cls(
            deployment=_required(environment, Monitor.DEPLOYMENT),
            window=_seconds(environment, Monitor.WINDOW_SECONDS, most=3600),
            bucket=_required(environment, Monitor.BUCKET),
            file_age=_seconds(environment, Monitor.FILE_AGE_SECONDS, most=86_400),
            pipes=_read_list(environment, Monitor.PIPES, _watched_pipe),
        )


@dataclass(frozen=True)
class CanaryTarget:
    """A front door of the pipeline: the stream that producers of a kind of event write to."""

    events: str
    kind: str
    name: str


def read_targets(environment: Mapping[str, str]) -> tuple[CanaryTarget, ...]:
    """The front doors of `CANARY_TARGETS`.

    Raises:
        SetupError: it is missing or malformed.
    """
    return _read_list(environment, CANARY_TARGETS, _canary_target)


def read_canary_deployment(environment: Mapping[str, str]) -> str:
    """The canary's name in the metrics: `CANARY_DEPLOYMENT`.

    Raises:
        SetupError: it is missing.
    """
    return _required(environment, CANARY_DEPLOYMENT)


def _watched_pipe(entry: Properties) -> WatchedPipe:
    return WatchedPipe(
        events=entry.text("events"),
        pipe=entry.reference("pipe"),
        table=entry.reference("table"),
        data_prefix=entry.text("data_prefix"),
        schema_evolution=entry.flag("schema_evolution", default=False),
    )


def _canary_target(entry: Properties) -> CanaryTarget:
    kind = entry.choice("kind", ("kinesis", "firehose"))
    return CanaryTarget(entry.text("events"), kind, entry.text("name"))


def _read_list(environment: Mapping[str, str], name: str, read: Callable[[Properties], T]) -> tuple[T, ...]:
    text = _required(environment, name)
    try:
        entries = json.loads(text)
    except ValueError:
        raise SettingsError(f"{name} must be a JSON list, got {text!r}") from None
    return Properties({name: entries}, "environment").each(name, read, at_least=1)


def _seconds(environment: Mapping[str, str], name: str, *, most: int) -> timedelta:
    seconds = _required(environment, name)
    if not (seconds.isascii() and seconds.isdigit() and 0 < int(seconds) <= most):
        raise SettingsError(f"{name} must be 1 to {most}, got {seconds!r}")
    return timedelta(seconds=int(seconds))


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"the function's environment lacks {name}")
    return value
