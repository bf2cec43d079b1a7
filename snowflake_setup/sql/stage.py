"""Statements about stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from snowflake_setup.sql.base import Drop, Risk, Show, Statement
from snowflake_setup.sql.identifiers import ObjectName, literal
from snowflake_setup.sql.secret import Secret


@dataclass(frozen=True)
class Credentials:
    """The access key Snowflake reads the lake with."""

    key_id: Secret
    secret_key: Secret

    def sql(self) -> str:
        """The CREDENTIALS option."""
        key_id, secret_key = literal(self.key_id.reveal()), literal(self.secret_key.reveal())
        return f"CREDENTIALS = (AWS_KEY_ID = {key_id} AWS_SECRET_KEY = {secret_key})"

    def secrets(self) -> tuple[Secret, ...]:
        """Both halves: the key id is half of a login too."""
        return (self.key_id, self.secret_key)


@dataclass(frozen=True)
class BoundIntegration:
    """The storage integration Snowflake reads the lake through: a role, and no key."""

    integration: ObjectName

    def sql(self) -> str:
        """The STORAGE_INTEGRATION option."""
        return f"STORAGE_INTEGRATION = {self.integration.sql()}"

    def secrets(self) -> tuple[Secret, ...]:
        """None."""
        return ()


# A stage keeps the kind that it was created with: Snowflake's Terraform provider recreates a stage to switch it
# (custom_diffs.go), and Snowflake says "CREDENTIALS property is not allowed on stages that use a storage integration".
Access: TypeAlias = Credentials | BoundIntegration


class ShowStage(Show):
    """Location and integration of a stage, but not its key; no published output of DESC STAGE has the integration.

    https://docs.snowflake.com/en/sql-reference/sql/show-stages
    """

    kind = "SHOW STAGES"


class DropStage(Drop):
    """Drop a stage; the files stay in the bucket."""

    kind = "DROP STAGE"
    risk = Risk("interrupts loading", "pipes that read the stage stop; the files stay in the bucket")


@dataclass(frozen=True)
class CreateStage(Statement):
    """An external stage on S3. https://docs.snowflake.com/en/sql-reference/sql/create-stage."""

    kind = "CREATE STAGE"
    undo = DropStage

    url: str
    access: Access
    comment: str

    def sql(self) -> str:
        return (
            f"CREATE STAGE IF NOT EXISTS {self.name.sql()} URL = {literal(self.url)} {self.access.sql()} "
            f"COMMENT = {literal(self.comment)}"
        )

    def secrets(self) -> tuple[Secret, ...]:
        return self.access.secrets()


@dataclass(frozen=True)
class AlterStage(Statement):
    """New properties in place: replacing a stage would cut off its pipes.

    https://docs.snowflake.com/en/sql-reference/sql/alter-stage
    """

    kind = "ALTER STAGE"

    url: str | None = None
    access: Access | None = None
    comment: str | None = None

    def sql(self) -> str:
        options = [
            f"URL = {literal(self.url)}" if self.url is not None else "",
            self.access.sql() if self.access else "",
            f"COMMENT = {literal(self.comment)}" if self.comment is not None else "",
        ]
        return f"ALTER STAGE {self.name.sql()} SET {' '.join(option for option in options if option)}"

    def secrets(self) -> tuple[Secret, ...]:
        return self.access.secrets() if self.access else ()


class MoveStage(AlterStage):
    """A new location: even setting the same one stops the pipes that read the stage."""

    risk = Risk(
        "interrupts loading", "pipes that read the stage stop until they are replaced, which follows below"
    )


@dataclass(frozen=True)
class ListStage(Statement):
    """The files of a stage; needs no warehouse. https://docs.snowflake.com/en/sql-reference/sql/list."""

    kind = "LIST"
    reads = True

    path: str = ""

    def sql(self) -> str:
        return f"LIST @{self.name.sql()}{self.path}"
