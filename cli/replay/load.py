"""Loading some files of one folder: into a temporary table, and from there the rows that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from secrets import token_hex

from cli.output import CommandError
from cli.reconcile.lake import LakeFile, place
from cli.repair.ranges import as_text
from cli.replay.statements import (
    REPAIRED_COLUMNS,
    AccountParameters,
    CopyFiles,
    CreateTemporary,
    FileNames,
    InsertMissing,
    InsertRepaired,
    RepairedLines,
    RowNumbers,
    SetSession,
    in_batches,
)
from cli.replay.target import Target, columns_of
from snowflake_setup.session.session import Row, Session, described
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import DescribePipe

# A pipe reads text with the account's parameters, a session with its user's.
# https://docs.snowflake.com/en/sql-reference/parameters
_HOW_TEXT_IS_READ = ("TIMEZONE", "DATE_INPUT_FORMAT", "TIME_INPUT_FORMAT", "TIMESTAMP_INPUT_FORMAT")


@dataclass(frozen=True)
class RepairObject:
    """A repair object of a file in the same folder.

    Attributes:
        key: its key.
        origin: the key of the file.
        lines: the lines of the file that it deals with.
    """

    key: str
    origin: str
    lines: frozenset[int]


@dataclass(frozen=True)
class Load:
    """The load of some files.

    Attributes:
        rows: what COPY says of each file.
        inserted: the number of rows that were missing.
    """

    rows: Sequence[Row]
    inserted: int


class TableLoader:
    """Loads files into a table as its pipe does.

    Args:
        session: the user's own; it holds the temporary tables, which end with it.
        target: the table.
        definition: the COPY statement of the pipe.
        data_prefix: the folder of the lake that its stage points to.
        evolves: whether the pipe adds columns for new fields.
    """

    def __init__(
        self, session: Session, target: Target, definition: str, data_prefix: str, *, evolves: bool
    ) -> None:
        self._session = session
        self._target = target
        self._definition = definition
        self._data_prefix = data_prefix
        self._evolves = evolves
        database, schema, name = (part.value for part in target.name.parts)
        unique = token_hex(4).upper()
        self._loaded = ObjectName.of(database, schema, f"{name[:200]}_REPLAY_{unique}")
        self._repaired = ObjectName.of(database, schema, f"{name[:200]}_REPAIRED_{unique}")
        self._names: dict[str, str] = {}

    def read_text_as_the_pipe_does(self) -> None:
        """Give the session the account's formats and time zone."""
        parameters = self._session.execute(AccountParameters(self._target.name))
        values = {str(row["key"]): str(row["value"]) for row in parameters}
        given = tuple((name, values[name]) for name in _HOW_TEXT_IS_READ if name in values)
        self._session.execute(SetSession(self._target.name, given))

    def load(self, files: Sequence[LakeFile], repairs: Iterable[RepairObject]) -> Load:
        """Load files of one folder.

        Raises:
            CommandError: they have fields without a column.
            SnowflakeError: Snowflake refuses.
        """
        folder = files[0].folder
        self._session.execute(CreateTemporary(self._loaded, self._target.columns, self._evolves))
        names = tuple(file.key.removeprefix(folder) for file in files)
        copy = CopyFiles(self._loaded, self._definition, folder.removeprefix(self._data_prefix), names)
        rows = [row for row in self._session.execute(copy) if "file" in row]
        self._require_columns(folder)
        found = [str(row["file"]) for row in self._session.execute(FileNames(self._loaded))]
        self._names = {place(name) or name: name for name in found}
        return Load(rows, self._insert(found[0], folder, repairs) if found else 0)

    def row_numbers(self, file: LakeFile) -> set[int]:
        """The numbers of a file's lines that could be loaded, of the files loaded last."""
        name = self._names.get(file.place)
        rows = self._session.execute(RowNumbers(self._loaded, name)) if name else []
        return {int(row["row_number"]) for row in rows}

    def _require_columns(self, folder: str) -> None:
        """Refuse fields that the pipe would have made a column for: they would be lost here."""
        if not self._evolves:
            return
        known = {column.name for column in self._target.columns}
        if new := [column for column in columns_of(self._session, self._loaded) if column.name not in known]:
            columns = ", ".join(column.sql() for column in new)
            raise CommandError(
                f"files in {folder} have fields without a column in {self._target.name}, which its pipe would have "
                f"added; run ALTER TABLE {self._target.name} ADD COLUMN {columns}, and this command again"
            )

    def _insert(self, a_name: str, folder: str, repairs: Iterable[RepairObject]) -> int:
        # Rows name a file by its key, or by what follows the stage's location.
        before = a_name.removesuffix(place(a_name) or "")
        if self._target.location not in (None, before):
            raise CommandError(
                f"rows of {self._target.name} name their files {self._target.location}…, and COPY now names them "
                f"{before}…, so it is not known which rows are there; nothing was inserted. Replay into a "
                "new table with --into"
            )
        lines = [
            RepairedLines(f"{before}{place(each.key)}", f"{before}{place(each.origin)}", first, last)
            for each in repairs
            for first, last in _ranges(each.lines)
        ]
        self._session.execute(CreateTemporary(self._repaired, REPAIRED_COLUMNS))
        for some in in_batches(lines):
            self._session.execute(InsertRepaired(self._repaired, some))
        columns = tuple(column.name for column in self._target.columns)
        named_folder = f"{before}{place(f'{folder}_')}".removesuffix("_")
        insert = InsertMissing(self._target.name, self._loaded, self._repaired, columns, named_folder)
        (answer,) = self._session.execute(insert)
        return int(next(iter(answer.values())))


def pipe_definition(session: Session, pipe: ObjectName, table: ObjectName) -> str:
    """The COPY statement of a pipe, as it is in Snowflake.

    Raises:
        CommandError: there is no such pipe, or it loads otherwise.
    """
    rows = described(session, DescribePipe(pipe))
    if not rows:
        raise CommandError(
            f"there is no pipe {pipe}, or your role may not see it; its COPY statement is needed to load files alike"
        )
    definition = " ".join(str(rows[0]["definition"]).split())
    ends = PipeEnds.found(definition)
    if ends is None or ends.table != table:
        raise CommandError(
            f"pipe {pipe} does not load into {table}: {definition}; deploy the environment again"
        )
    return definition


def _ranges(lines: Iterable[int]) -> list[tuple[int, int]]:
    parts = [part.partition("-") for part in as_text(lines).split(",") if part]
    return [(int(first), int(last or first)) for first, _, last in parts]
