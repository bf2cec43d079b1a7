"""Statements about storage integrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snowflake_setup.sql.base import Describe, Drop, Risk, Statement
from snowflake_setup.sql.identifiers import literal


class DescribeIntegration(Describe):
    """The options of an integration, and the identity that Snowflake gave it."""

    kind = "DESC INTEGRATION"


class DropIntegration(Drop):
    """Drop an integration."""

    kind = "DROP INTEGRATION"
    risk = Risk(
        "interrupts loading", "all stages that read through it stop, including those of other projects"
    )


@dataclass(frozen=True)
class CreateStorageIntegration(Statement):
    """An identity of Snowflake that assumes an AWS role.

    https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
    """

    kind = "CREATE STORAGE INTEGRATION"
    undo = DropIntegration

    role_arn: str
    external_id: str
    allowed_locations: tuple[str, ...]
    comment: str

    def sql(self) -> str:
        return (
            f"CREATE STORAGE INTEGRATION IF NOT EXISTS {self.name.sql()} TYPE = EXTERNAL_STAGE "
            "STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
            f"STORAGE_AWS_ROLE_ARN = {literal(self.role_arn)} "
            f"STORAGE_AWS_EXTERNAL_ID = {literal(self.external_id)} "
            f"STORAGE_ALLOWED_LOCATIONS = {_literals(self.allowed_locations)} "
            f"COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class AlterStorageIntegration(Statement):
    """New properties in place: replacing an integration would cut off every stage that is bound to it.

    https://docs.snowflake.com/en/sql-reference/sql/alter-storage-integration
    """

    kind = "ALTER STORAGE INTEGRATION"

    enable: bool = False
    role_arn: str | None = None
    external_id: str | None = None
    allowed_locations: tuple[str, ...] | None = None
    comment: str | None = None

    def sql(self) -> str:
        options = {
            "ENABLED": "TRUE" if self.enable else None,
            "STORAGE_AWS_ROLE_ARN": None if self.role_arn is None else literal(self.role_arn),
            "STORAGE_AWS_EXTERNAL_ID": None if self.external_id is None else literal(self.external_id),
            "STORAGE_ALLOWED_LOCATIONS": (
                None if self.allowed_locations is None else _literals(self.allowed_locations)
            ),
            "COMMENT": None if self.comment is None else literal(self.comment),
        }
        given = " ".join(f"{name} = {value}" for name, value in options.items() if value is not None)
        return f"ALTER STORAGE INTEGRATION {self.name.sql()} SET {given}"


@dataclass(frozen=True)
class ValidateStorageIntegration(Statement):
    """A check whether AWS lets Snowflake list a location, as JSON; needs no stage and no warehouse.

    https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration
    """

    kind = "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION"
    reads = True

    location: str

    def sql(self) -> str:
        # The function takes the name as it is stored, not as an identifier; `list` ignores the file argument.
        name, location = literal(self.name.name.value), literal(self.location)
        return f"SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION({name}, {location}, 'unused', 'list')"


def _literals(texts: Iterable[str]) -> str:
    return f"({', '.join(literal(text) for text in texts)})"
