"""The COPY statement of a pipe, written and read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from snowflake_setup.sql.identifiers import QUOTED, Identifier, ObjectName, literal

FILE_NAME, SCAN_TIME = "METADATA$FILENAME", "METADATA$START_SCAN_TIME"
_FULL_NAME = rf"{QUOTED}\.{QUOTED}\.{QUOTED}"
_METADATA = re.compile(rf"({QUOTED}) = (METADATA\$[A-Z_]+)")
_COPY = re.compile(rf"COPY INTO ({_FULL_NAME}) FROM @({_FULL_NAME}) ")


@dataclass(frozen=True)
class MetadataColumn:
    """A column with metadata of the file that a row came from."""

    column: Identifier
    source: str

    def sql(self) -> str:
        """One entry of INCLUDE_METADATA."""
        return f"{self.column.sql()} = {self.source}"


@dataclass(frozen=True)
class CopyInto:
    """The COPY statement of a pipe, after AS."""

    table: ObjectName
    stage: ObjectName
    file_format: ObjectName
    metadata: tuple[MetadataColumn, ...]
    on_error: str

    def sql(self) -> str:
        """The COPY statement."""
        entries = ", ".join(entry.sql() for entry in self.metadata)
        metadata = f"INCLUDE_METADATA = ({entries}) " if entries else ""
        return (
            f"COPY INTO {self.table.sql()} FROM @{self.stage.sql()} "
            f"FILE_FORMAT = (FORMAT_NAME = {literal(self.file_format.sql())}) "
            f"MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE {metadata}ON_ERROR = {self.on_error}"
        )


@dataclass(frozen=True)
class PipeEnds:
    """The stage a pipe loads from, the table it loads into, and the columns that name each row's file and time."""

    table: ObjectName
    stage: ObjectName
    file: Identifier | None
    loaded_at: Identifier | None

    @classmethod
    def of(cls, copy: CopyInto) -> Self:
        """The ends of a pipe as a template describes it."""
        columns = {entry.source: entry.column for entry in copy.metadata}
        return cls(copy.table, copy.stage, columns.get(FILE_NAME), columns.get(SCAN_TIME))

    @classmethod
    def found(cls, definition: str) -> Self | None:
        """The ends of a pipe as Snowflake shows it; None for a definition of another form."""
        match = _COPY.search(definition)
        if match is None:
            return None
        columns = {source: Identifier.parse(column) for column, source in _METADATA.findall(definition)}
        table, stage = (ObjectName.parse(name) for name in match.groups())
        return cls(table, stage, columns.get(FILE_NAME), columns.get(SCAN_TIME))
