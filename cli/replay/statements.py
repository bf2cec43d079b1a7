"""Statements of a replay: files into a temporary table, and from there the rows that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clickstream_wire.columns import EVENT_ID, SOURCE_FILE, SOURCE_ROW
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import Identifier, ObjectName, boolean, literal
from snowflake_setup.sql.table import Column

_FILE, _ROW, _ID = (Identifier(name).sql() for name in (SOURCE_FILE, SOURCE_ROW, EVENT_ID))


@dataclass(frozen=True)
class CreateTemporary(Statement):
    """A table of this session, empty and without a load history; needs no privilege but USAGE on the schema.

    CREATE TABLE … LIKE is not documented for temporary tables, so the columns are named.
    https://docs.snowflake.com/en/sql-reference/sql/create-table
    """

    kind = "CREATE TEMPORARY TABLE"

    columns: tuple[Column, ...]
    schema_evolution: bool = False

    def sql(self) -> str:
        """The text sent to Snowflake."""
        columns = ", ".join(column.sql() for column in self.columns)
        evolution = boolean(self.schema_evolution)
        return (
            f"CREATE OR REPLACE TEMPORARY TABLE {self.name.sql()} ({columns}) "
            f"ENABLE_SCHEMA_EVOLUTION = {evolution}"
        )


@dataclass(frozen=True)
class CopyFiles(Statement):
    """Files of the stage, loaded with the options of a pipe. Needs a warehouse.

    https://docs.snowflake.com/en/sql-reference/sql/copy-into-table

    Attributes:
        definition: the pipe's COPY statement.
        folder: the folder of all files, relative to the stage.
        files: their names in it, at most a thousand.
    """

    kind = "COPY INTO"
    # The table is empty before each COPY: one that ran unnoticed leaves nothing to load for the second.
    repeatable = False

    definition: str
    folder: str
    files: tuple[str, ...]

    def sql(self) -> str:
        """The text sent to Snowflake."""
        ends = PipeEnds.found(self.definition)
        assert ends
        stage = f"@{ends.stage.sql()}"
        _, _, options = self.definition.partition(f"FROM {stage} ")
        named = ", ".join(map(literal, self.files))
        return f"COPY INTO {self.name.sql()} FROM {stage}/{self.folder} FILES = ({named}) {options}"


class FileNames(Statement):
    """The files in a table that was just loaded, as its rows name them."""

    kind = "SELECT files"
    reads = True

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return f"SELECT DISTINCT {_FILE} AS FILE FROM {self.name.sql()}"


@dataclass(frozen=True)
class RowNumbers(Statement):
    """The numbers of the rows from one file in a table that was just loaded."""

    kind = "SELECT rows of a file"
    reads = True

    file: str

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return f"SELECT {_ROW} AS ROW_NUMBER FROM {self.name.sql()} WHERE {_FILE} = {literal(self.file)}"


@dataclass(frozen=True)
class RepairedLines:
    """Neighbouring lines of a file that a repair object deals with."""

    repair: str
    origin: str
    first: int
    last: int


REPAIRED_COLUMNS = tuple(
    Column(Identifier(name), type_)
    for name, type_ in (
        ("REPAIR", "VARCHAR"),
        ("ORIGIN", "VARCHAR"),
        ("FIRST_LINE", "NUMBER"),
        ("LAST_LINE", "NUMBER"),
    )
)


@dataclass(frozen=True)
class InsertRepaired(Statement):
    """Fill the table of the lines that repair objects deal with."""

    kind = "INSERT repaired lines"
    repeatable = False

    lines: tuple[RepairedLines, ...]

    def sql(self) -> str:
        """The text sent to Snowflake."""
        rows = ", ".join(
            f"({literal(each.repair)}, {literal(each.origin)}, {each.first}, {each.last})"
            for each in self.lines
        )
        return f"INSERT INTO {self.name.sql()} VALUES {rows}"


@dataclass(frozen=True)
class InsertMissing(Statement):
    """Insert the rows that the table lacks: what decides that no line gets into it twice. Needs a warehouse.

    A row is known by its file and its number there. Lines of a file that a repair object deals with come from that
    object; they are left out of the object, by their ids, if the table has them from the file itself. One statement is
    one transaction, so all rows of a load are inserted, or none.

    Attributes:
        loaded: the table with all rows of some files in one folder.
        repaired: the table with the lines of repair objects in that folder.
        columns: those of the table.
        folder: the folder, as the rows name it: only rows from it are compared.
    """

    kind = "INSERT missing rows"

    loaded: ObjectName
    repaired: ObjectName
    columns: tuple[Identifier, ...]
    folder: str

    def sql(self) -> str:
        """The text sent to Snowflake."""
        table, repaired = self.name.sql(), self.repaired.sql()
        names = [column.sql() for column in self.columns]
        # "0" follows "/". A range of names lets Snowflake skip the table's other days.
        first, behind = literal(self.folder), literal(f"{self.folder.removesuffix('/')}0")
        there = (
            f"(SELECT {_FILE}, {_ROW}, {_ID} FROM {table} WHERE {_FILE} >= {first} AND {_FILE} < {behind})"
        )
        return (
            f"INSERT INTO {table} ({', '.join(names)}) "
            f"SELECT {', '.join(f'S.{name}' for name in names)} FROM {self.loaded.sql()} S "
            f"LEFT JOIN {there} T ON T.{_FILE} = S.{_FILE} AND T.{_ROW} = S.{_ROW} "
            f"LEFT JOIN {repaired} O ON O.ORIGIN = S.{_FILE} AND S.{_ROW} BETWEEN O.FIRST_LINE AND O.LAST_LINE "
            f"LEFT JOIN (SELECT DISTINCT R.REPAIR, U.{_ID} FROM {repaired} R JOIN {there} U "
            f"ON U.{_FILE} = R.ORIGIN AND U.{_ROW} BETWEEN R.FIRST_LINE AND R.LAST_LINE) K "
            f"ON K.REPAIR = S.{_FILE} AND K.{_ID} = S.{_ID} "
            f"WHERE T.{_FILE} IS NULL AND O.ORIGIN IS NULL AND K.REPAIR IS NULL"
        )


class AccountParameters(Statement):
    """The account's parameters. https://docs.snowflake.com/en/sql-reference/sql/show-parameters."""

    kind = "SHOW PARAMETERS"
    reads = True

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return "SHOW PARAMETERS IN ACCOUNT"


@dataclass(frozen=True)
class SetSession(Statement):
    """Parameters of this session. https://docs.snowflake.com/en/sql-reference/sql/alter-session."""

    kind = "ALTER SESSION"

    parameters: tuple[tuple[str, str], ...]

    def sql(self) -> str:
        """The text sent to Snowflake."""
        given = " ".join(f"{name} = {literal(value)}" for name, value in self.parameters)
        return f"ALTER SESSION SET {given}"


def in_batches(lines: Sequence[RepairedLines], size: int = 10_000) -> Iterator[tuple[RepairedLines, ...]]:
    """The lines, as many at a time as a VALUES list may have."""
    for start in range(0, len(lines), size):
        yield tuple(lines[start : start + size])
