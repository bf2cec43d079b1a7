"""Finding the files of the lake that still have to be loaded, and loading exactly these.

A pipe skips files it has loaded itself; it does not know what an earlier pipe loaded into the same table. So whenever
a pipe takes over from another one (or from a table that outlived its stack), the files are chosen here: those of the
last seven days, which is as far back as REFRESH reaches, that are not in the table (`evidence` says how that is known).

Files that failed completely are loaded again; files that were loaded, even in part, are not. Rows that were deleted or
truncated are loaded again with their file if no other row of the file is left and the pipe that loaded it no longer
exists.

Only what is needed is read, and of a list of files only the missing ones are kept:

- the history of the last days: a row for each file;
- the lake, folder by folder (see `folders`);
- the table's rows since the landing of the oldest file that the history does not know: those of the last minutes, or of
  up to seven days if the pipe was itself replaced in that time. A file that failed is known.

A pipe that gets another table continues where it was: files in a table that it had in the last seven days count as
loaded, as long as that table exists.

`refresh_choice` describes how REFRESH is made to select these files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from clickstream_wire.repairs import repaired
from snowflake_setup.objects.actions import Remark, carry_out
from snowflake_setup.pipe.evidence import MARGIN, Evidence, url_of
from snowflake_setup.pipe.folders import REACH, folders
from snowflake_setup.pipe.refresh_choice import Choice, StagedFile, choose
from snowflake_setup.session.errors import DefinitionConflictError, OutOfTimeError, SnowflakeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import RefreshPipe
from snowflake_setup.sql.stage import ListStage
from snowflake_setup.sql.timestamps import timestamp

# A file is loaded after it has landed, so its load is not older.
_A_DAY = timedelta(days=1)
# About a second each. Files that the earlier pipe failed to load may be scattered over a week.
_MOST_REFRESHES = 200
UNKNOWN = Remark(
    "Files in the lake that no pipe has loaded are then queued with ALTER PIPE … REFRESH. Their names, and the number "
    "of statements (possibly none), are known only at deployment",
    unknown=True,
)


@dataclass
class Backlog:
    """The files of a stage that have landed since then and are not in the tables of a pipe.

    Attributes:
        stage: where the files are.
        day_folder: the stage's folder of a day, see `folders`.
        evidence: what is known of the tables.
        since: all files that landed before this time are in the tables, or out of REFRESH's reach.
        seconds: the time that it took to list the lake.
    """

    invocation: Invocation
    stage: ObjectName
    day_folder: str
    evidence: Evidence
    since: datetime
    seconds: float = 0.0
    _found_at: datetime | None = field(default=None, init=False)

    def find(self) -> None:
        """Read what is in the tables and in the lake, and move `since` up to the oldest missing file."""
        clock = self.invocation.clock
        self._found_at, remaining = clock.now(), clock.remaining()
        self.evidence.read_history(self.since - _A_DAY)
        absent = [file for folder in self._folders() for file in self._listed(folder, self._is_missing)]
        self.seconds = remaining - clock.remaining()
        if unknown := [file.modified for file in absent if file.url not in self.evidence.failed]:
            self.evidence.read_rows(min(unknown) - MARGIN)
        missing = [file.modified for file in absent if file.url not in self.evidence]
        self.since = max(self.since, min([self._found_at - MARGIN, *missing]))

    def read_new_rows(self) -> None:
        """Read the rows that were loaded since `find`."""
        assert self._found_at
        self.evidence.read_rows(self._found_at - MARGIN)

    def read_new_history(self) -> None:
        """Read the outcomes of loads since `find`."""
        assert self._found_at
        self.evidence.read_history(self._found_at - MARGIN)

    def feed(self, pipe: ObjectName) -> None:
        """Have the pipe load the missing files.

        Raises:
            SnowflakeError: Snowflake refused a statement.
            OutOfTimeError: there was no time for all statements.
        """
        fed = 0
        try:
            for action in self.refreshes(pipe, url_of(self.invocation.session, self.stage)):
                self._require_time()
                carry_out([action], self.invocation)
                fed += isinstance(action, RefreshPipe)
        except OutOfTimeError as error:
            raise OutOfTimeError(
                f"{error} after {fed} groups of files were queued for pipe {pipe}; deploy again to queue the others: "
                "no file is loaded twice"
            ) from None
        self.invocation.log.info("pipe fed", object=str(pipe), since=self.since, groups=fed)

    def foreseen(self, pipe: ObjectName, at: str) -> list[Statement | Remark]:
        """The statements of `feed` as far as they are known in advance, for a stage that will be at `at`."""
        try:
            # The present stage cannot list the files at its future location.
            if at != url_of(self.invocation.session, self.stage):
                return [UNKNOWN]
            self.find()
            return list(self.refreshes(pipe, at))
        except SnowflakeError:
            return [UNKNOWN]

    def refreshes(self, pipe: ObjectName, at: str) -> Iterator[RefreshPipe | Remark]:
        """The statements that load the missing files, those of the newest folder first."""
        sent, left_out = 0, list[str]()
        for folder in self._folders():
            files = self._listed(folder, lambda _: True)
            done = {file.url for file in files if not self._is_missing(file)}
            chosen = choose(files, done)
            left_out += chosen.left_out
            for statement in _statements(pipe, self.stage, at, folder, chosen):
                if sent < _MOST_REFRESHES:
                    yield statement
                else:
                    left_out.append(f"{at}{statement.prefix or ''}*")
                sent += 1
        if left_out:
            message = (
                "files not loaded, because their paths are prefixes of loaded files' paths, or because there are too "
                "many groups of them; load them with COPY INTO … FILES"
            )
            yield Remark(message, {"object": str(pipe), "number": len(left_out), "files": left_out[:20]})

    def _folders(self) -> list[str]:
        return folders(self.day_folder, self.invocation.clock.now())

    def _listed(self, folder: str, keep: Callable[[StagedFile], bool]) -> list[StagedFile]:
        """Files of a folder that REFRESH may reach; its week is counted by another clock."""
        self._require_time()
        files = list[StagedFile]()
        reached = self.invocation.clock.now() - REACH - MARGIN

        def note(row: Row) -> bool:
            file = StagedFile(str(row["name"]), timestamp(row["last_modified"]))
            if origin := repaired(file.url):
                self.evidence.repaired.add(origin)
            if file.modified >= reached and keep(file):
                files.append(file)
            return False

        statement = ListStage(self.stage, f"/{folder}" if folder else "")
        self.invocation.session.execute(statement, keep=note)
        return files

    def _require_time(self) -> None:
        if self.invocation.clock.remaining() == 0:
            raise OutOfTimeError("the function's time ran out")

    def _is_missing(self, file: StagedFile) -> bool:
        reached = self.invocation.clock.now() - REACH
        owed = file.modified >= self.since or file.url in self.evidence.failed
        return owed and file.modified >= reached and file.url not in self.evidence


def _statements(
    pipe: ObjectName, stage: ObjectName, at: str, folder: str, chosen: Choice
) -> Iterator[RefreshPipe]:
    """The statements for one folder; each lists no other folder."""
    if astray := [prefix for prefix in chosen.prefixes if not prefix.startswith(at)]:
        raise DefinitionConflictError(
            f"stage {stage} at {at} lists {astray[0]}, which is outside that location"
        )
    whole = RefreshPipe(pipe, prefix=folder or None)
    if chosen.everything:
        yield whole
    if chosen.modified_after:
        yield replace(whole, modified_after=chosen.modified_after)
    for prefix in chosen.prefixes:
        yield replace(whole, prefix=prefix.removeprefix(at))
