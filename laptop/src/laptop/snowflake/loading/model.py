"""The input and the outcome of a load."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from laptop.snowflake.names import Name
from laptop.snowflake.objects import DEFAULT_TIMEZONE, Column, CopySpec, JsonFormat, Pipe, Stage, Table

# https://docs.snowflake.com/en/sql-reference/functions/copy_history#output, which does not say when a load is skipped:
# here, when ON_ERROR = SKIP_FILE skips the file.
Status = Literal["Load in progress", "Loaded", "Load failed", "Partially loaded", "Load skipped"]


@dataclass(frozen=True)
class Location:
    """The location of a stage, or of a path below it."""

    bucket: str
    stage_prefix: str
    path: str

    @property
    def prefix(self) -> str:
        """The key prefix that files must have."""
        return self.stage_prefix + self.path

    @property
    def stage_url(self) -> str:
        """The stage's own location."""
        return f"s3://{self.bucket}/{self.stage_prefix}"

    def relative(self, key: str) -> str:
        """A key relative to the stage."""
        return key.removeprefix(self.stage_prefix)


def location(stage: Stage, path: str = "") -> Location:
    """The location of `path` below the stage."""
    bucket, _, prefix = stage.url.removeprefix("s3://").partition("/")
    if path and prefix and not prefix.endswith("/"):
        path = f"/{path}"
    return Location(bucket, prefix, path)


@dataclass(frozen=True)
class LoadJob:
    """The settings that all files of one COPY share."""

    copy: CopySpec
    table: Table
    stage: Stage
    format: JsonFormat
    may_evolve: bool
    pipe: Pipe | None = None
    query_id: str = ""
    timezone: str = DEFAULT_TIMEZONE

    @property
    def location(self) -> Location:
        """The location of the files."""
        return location(self.stage, self.copy.path)


@dataclass(frozen=True)
class SourceFile:
    """One file to load."""

    key: str
    size: int
    etag: str
    modified_on: dt.datetime
    received_on: dt.datetime | None = None


@dataclass(frozen=True)
class LoadError:
    """The reason why a record, or a whole file, was refused."""

    message: str
    code: int
    row: int = 0
    line: int = 0
    character: int | None = None


class FileRefusedError(Exception):
    """The whole file cannot be read."""

    def __init__(self, error: LoadError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True)
class Layout:
    """The column of each key of a file, and the changes that the table needs."""

    matched: tuple[tuple[str, Column], ...] = ()
    new_columns: tuple[Column, ...] = ()
    nullable_now: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Staged:
    """A file read and converted, ready to be committed."""

    layout: Layout
    parsed: int
    rows: int
    errors: tuple[LoadError, ...] = ()


@dataclass(frozen=True)
class FileReport:
    """The outcome of loading a file."""

    file: SourceFile
    table: Name
    status: Status
    parsed: int | None = 0
    loaded: int = 0
    errors: tuple[LoadError, ...] = field(default=())
    error_limit: int = 1

    @property
    def first_error(self) -> LoadError | None:
        """The first error."""
        return self.errors[0] if self.errors else None
