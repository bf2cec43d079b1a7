"""Statements about pipes. https://docs.snowflake.com/en/sql-reference/sql/create-pipe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from snowflake_setup.sql.base import Describe, Drop, Risk, Statement
from snowflake_setup.sql.copy_into import CopyInto
from snowflake_setup.sql.identifiers import Identifier, literal


class DescribePipe(Describe):
    """Definition, comment and notification channel of a pipe."""

    kind = "DESC PIPE"


class DropPipe(Drop):
    """Drop a pipe; the rows it loaded stay in the table."""

    kind = "DROP PIPE"
    risk = Risk(
        "loses history",
        "the pipe's load history, waiting files and grants are deleted; the rows it loaded stay in the table",
    )


@dataclass(frozen=True)
class CreatePipe(Statement):
    """A pipe triggered by bucket notifications."""

    kind = "CREATE PIPE"
    undo = DropPipe

    comment: str
    copy: CopyInto

    def sql(self) -> str:
        return (
            f"CREATE PIPE IF NOT EXISTS {self.name.sql()} AUTO_INGEST = TRUE "
            f"COMMENT = {literal(self.comment)} AS {self.copy.sql()}"
        )


@dataclass(frozen=True)
class ReplacePipe(Statement):
    """A new pipe of the same name: the old one's load history, waiting files and grants are deleted."""

    kind = "CREATE OR REPLACE PIPE"
    undo = DropPipe
    # A second CREATE OR REPLACE would delete the load history that the first one's pipe has by then.
    repeatable = False
    risk = Risk(
        "loses history",
        "the old pipe's load history, waiting files and grants are deleted; files whose rows are in the table are not "
        "loaded again, and the grants are restored on the new pipe",
    )

    comment: str
    copy: CopyInto

    def sql(self) -> str:
        return (
            f"CREATE OR REPLACE PIPE {self.name.sql()} AUTO_INGEST = TRUE "
            f"COMMENT = {literal(self.comment)} AS {self.copy.sql()}"
        )


class PausePipe(Statement):
    """Stop loading. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe."""

    kind = "ALTER PIPE SET PIPE_EXECUTION_PAUSED"
    risk = Risk("interrupts loading", "new files wait until the new pipe exists")

    def sql(self) -> str:
        return f"ALTER PIPE {self.name.sql()} SET PIPE_EXECUTION_PAUSED = TRUE"


class ResumePipe(Statement):
    """Resume loading. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe."""

    kind = "ALTER PIPE SET PIPE_EXECUTION_PAUSED"

    def sql(self) -> str:
        return f"ALTER PIPE {self.name.sql()} SET PIPE_EXECUTION_PAUSED = FALSE"


@dataclass(frozen=True)
class SetPipeComment(Statement):
    """The pipe's comment, in place. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe."""

    kind = "ALTER PIPE SET COMMENT"

    comment: str

    def sql(self) -> str:
        return f"ALTER PIPE {self.name.sql()} SET COMMENT = {literal(self.comment)}"


@dataclass(frozen=True)
class RefreshPipe(Statement):
    """Queue files of the last seven days that the pipe has not loaded.

    https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
    """

    kind = "ALTER PIPE REFRESH"

    prefix: str | None = None
    modified_after: datetime | None = None

    def sql(self) -> str:
        prefix = f" PREFIX = {literal(self.prefix)}" if self.prefix is not None else ""
        after = ""
        if self.modified_after is not None:
            moment = self.modified_after.astimezone(UTC).isoformat(timespec="seconds")
            after = f" MODIFIED_AFTER = {literal(moment)}"
        return f"ALTER PIPE {self.name.sql()} REFRESH{prefix}{after}"


class PipeStatus(Statement):
    """State and number of waiting files as JSON. https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status."""

    kind = "SELECT SYSTEM$PIPE_STATUS"
    needs = "MONITOR ON PIPE"
    reads = True

    def sql(self) -> str:
        return f"SELECT SYSTEM$PIPE_STATUS({literal(self.name.sql())})"


class ShowPipeGrants(Statement):
    """The grants on a pipe. https://docs.snowflake.com/en/sql-reference/sql/show-grants."""

    kind = "SHOW GRANTS ON PIPE"
    reads = True

    def sql(self) -> str:
        return f"SHOW GRANTS ON PIPE {self.name.sql()}"


@dataclass(frozen=True)
class GrantOnPipe(Statement):
    """A privilege on the pipe. https://docs.snowflake.com/en/sql-reference/sql/grant-privilege."""

    kind = "GRANT ON PIPE"

    privilege: str
    role: Identifier
    with_grant_option: bool = False

    def sql(self) -> str:
        option = " WITH GRANT OPTION" if self.with_grant_option else ""
        return f"GRANT {self.privilege} ON PIPE {self.name.sql()} TO ROLE {self.role.sql()}{option}"
