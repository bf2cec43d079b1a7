"""Statements about file formats."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import boolean, literal


@dataclass(frozen=True)
class CreateFileFormat(Statement):
    """A JSON file format. https://docs.snowflake.com/en/sql-reference/sql/create-file-format."""

    compression: str
    strip_outer_array: bool
    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "CREATE FILE FORMAT"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"CREATE FILE FORMAT IF NOT EXISTS {self.name.sql()} TYPE = JSON COMPRESSION = {self.compression} "
            f"STRIP_OUTER_ARRAY = {boolean(self.strip_outer_array)} COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class AlterFileFormat(Statement):
    """New options in place. https://docs.snowflake.com/en/sql-reference/sql/alter-file-format."""

    compression: str
    strip_outer_array: bool
    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER FILE FORMAT"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"ALTER FILE FORMAT {self.name.sql()} SET COMPRESSION = {self.compression} "
            f"STRIP_OUTER_ARRAY = {boolean(self.strip_outer_array)} COMMENT = {literal(self.comment)}"
        )
