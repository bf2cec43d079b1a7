"""Statements about pipes. https://docs.snowflake.com/en/sql-reference/sql/create-pipe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import Identifier, ObjectName, boolean, literal


@dataclass(frozen=True)
class MetadataColumn:
    """A column that says where a row came from."""

    column: Identifier
    source: str

    def sql(self) -> str:
        """One entry of INCLUDE_METADATA."""
        return f"{self.column.sql()} = {self.source}"


@dataclass(frozen=True)
class CopyInto:
    """What a pipe does with a file: the COPY statement after AS."""

    table: ObjectName
    stage: ObjectName
    file_format: ObjectName
    metadata: tuple[MetadataColumn, ...]
    on_error: str

    def sql(self) -> str:
        """The COPY statement."""
        entries = ", ".join(entry.sql() for entry in self.metadata)
        metadata = f"INCLUDE_METADATA = ({entries}) " if entries else ""
        # Snowflake takes a share of bad rows in quotes only.
        on_error = literal(self.on_error) if self.on_error.endswith("%") else self.on_error
        return (
            f"COPY INTO {self.table.sql()} FROM @{self.stage.sql()} "
            f"FILE_FORMAT = (FORMAT_NAME = {literal(self.file_format.sql())}) "
            f"MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE {metadata}ON_ERROR = {on_error}"
        )


@dataclass(frozen=True)
class CreatePipe(Statement):
    """A pipe that bucket notifications drive."""

    comment: str
    copy: CopyInto

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "CREATE PIPE"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"CREATE PIPE IF NOT EXISTS {self.name.sql()} AUTO_INGEST = TRUE "
            f"COMMENT = {literal(self.comment)} AS {self.copy.sql()}"
        )


@dataclass(frozen=True)
class ReplacePipe(Statement):
    """A new pipe of the same name: the old one's load history, queue and grants go with it."""

    comment: str
    copy: CopyInto

    # A second CREATE OR REPLACE would forget what the first one's pipe has loaded in between.
    repeatable: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "CREATE OR REPLACE PIPE"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"CREATE OR REPLACE PIPE {self.name.sql()} AUTO_INGEST = TRUE "
            f"COMMENT = {literal(self.comment)} AS {self.copy.sql()}"
        )


@dataclass(frozen=True)
class PausePipe(Statement):
    """Stop or resume loading. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe."""

    paused: bool

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER PIPE SET PIPE_EXECUTION_PAUSED"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"ALTER PIPE {self.name.sql()} SET PIPE_EXECUTION_PAUSED = {boolean(self.paused)}"


@dataclass(frozen=True)
class SetPipeComment(Statement):
    """The pipe's comment, in place. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe."""

    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER PIPE SET COMMENT"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"ALTER PIPE {self.name.sql()} SET COMMENT = {literal(self.comment)}"


@dataclass(frozen=True)
class RefreshPipe(Statement):
    """Queue files of the last seven days that the pipe has not loaded.

    https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
    """

    prefix: str | None = None
    modified_after: datetime | None = None

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER PIPE REFRESH"

    def sql(self) -> str:
        """The text Snowflake gets."""
        prefix = f" PREFIX = {literal(self.prefix)}" if self.prefix is not None else ""
        after = ""
        if self.modified_after is not None:
            instant = self.modified_after.astimezone(UTC).isoformat(timespec="seconds")
            after = f" MODIFIED_AFTER = {literal(instant)}"
        return f"ALTER PIPE {self.name.sql()} REFRESH{prefix}{after}"


@dataclass(frozen=True)
class PipeStatus(Statement):
    """State and queue as JSON. https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status."""

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "SELECT SYSTEM$PIPE_STATUS"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"SELECT SYSTEM$PIPE_STATUS({literal(self.name.sql())})"

    @property
    def needs(self) -> str:
        """What the role must hold, unless the pipe is its own."""
        return f"MONITOR ON PIPE {self.name}"


@dataclass(frozen=True)
class ShowPipeGrants(Statement):
    """Who may do what with the pipe. https://docs.snowflake.com/en/sql-reference/sql/show-grants."""

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "SHOW GRANTS ON PIPE"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"SHOW GRANTS ON PIPE {self.name.sql()}"


@dataclass(frozen=True)
class GrantOnPipe(Statement):
    """A privilege on the pipe. https://docs.snowflake.com/en/sql-reference/sql/grant-privilege."""

    privilege: str
    role: Identifier
    with_grant_option: bool = False

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "GRANT ON PIPE"

    def sql(self) -> str:
        """The text Snowflake gets."""
        option = " WITH GRANT OPTION" if self.with_grant_option else ""
        return f"GRANT {self.privilege} ON PIPE {self.name.sql()} TO ROLE {self.role.sql()}{option}"
