"""Statements about file formats."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql.base import Describe, Drop, Risk, Statement
from snowflake_setup.sql.identifiers import boolean, literal


class DescribeFileFormat(Describe):
    """The options of a file format."""

    kind = "DESC FILE FORMAT"


class DropFileFormat(Drop):
    """Drop a file format."""

    kind = "DROP FILE FORMAT"
    risk = Risk("interrupts loading", "pipes that use the format stop")


@dataclass(frozen=True)
class CreateFileFormat(Statement):
    """A JSON file format. https://docs.snowflake.com/en/sql-reference/sql/create-file-format."""

    kind = "CREATE FILE FORMAT"
    undo = DropFileFormat

    compression: str
    strip_outer_array: bool
    multi_line: bool
    comment: str

    def sql(self) -> str:
        return (
            f"CREATE FILE FORMAT IF NOT EXISTS {self.name.sql()} TYPE = JSON COMPRESSION = {self.compression} "
            f"STRIP_OUTER_ARRAY = {boolean(self.strip_outer_array)} MULTI_LINE = {boolean(self.multi_line)} "
            f"COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class AlterFileFormat(Statement):
    """New options in place. https://docs.snowflake.com/en/sql-reference/sql/alter-file-format."""

    kind = "ALTER FILE FORMAT"

    compression: str
    strip_outer_array: bool
    multi_line: bool
    comment: str

    def sql(self) -> str:
        return (
            f"ALTER FILE FORMAT {self.name.sql()} SET COMPRESSION = {self.compression} "
            f"STRIP_OUTER_ARRAY = {boolean(self.strip_outer_array)} MULTI_LINE = {boolean(self.multi_line)} "
            f"COMMENT = {literal(self.comment)}"
        )
