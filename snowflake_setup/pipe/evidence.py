"""Evidence of which files are in a table.

There are two sources, and each lacks something:

- the load history has the outcome of each file, but only of loads by existing pipes: when a pipe is dropped or
  replaced, Snowflake deletes its history, and a TRUNCATE deletes all of it
  (https://docs.snowflake.com/en/sql-reference/functions/copy_history);
- the rows, each of which names its file, remain regardless of how they were loaded, but do not show that a file is
  complete: Snowpipe may commit its rows in several transactions
  (https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro).

A file in either of them is in the table, and is not loaded again; nor is one with a repair object in its folder, which
holds what was missing of it (`clickstream_wire.repairs`). A file counts as half loaded as long as rows show that the
present pipe began to read it within the last hour and the history does not show it as loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clickstream_wire.repairs import fingerprint
from snowflake_setup.objects.stage import ShownStage
from snowflake_setup.objects.table import ShownRows
from snowflake_setup.session.errors import ObjectMissingError, WarehouseNeededError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.load_state import LoadState
from snowflake_setup.sql.table import CopyHistory, LoadedFiles
from snowflake_setup.sql.timestamps import timestamp

# More than the difference between two clocks, and longer than the load of a file.
MARGIN = timedelta(hours=1)


@dataclass
class Evidence:
    """The files in the tables of `ends`, by URL, as far as they were read.

    Attributes:
        ends: the tables whose content counts.
        created: when the present pipe was created; None if there is none.
        failed: files that an existing pipe could not load.
        loading: files whose load is in progress.
        repaired: the fingerprints of files with repair objects.
    """

    invocation: Invocation
    ends: Sequence[PipeEnds]
    created: datetime | None
    failed: set[str] = field(default_factory=set)
    loading: set[str] = field(default_factory=set)
    repaired: set[str] = field(default_factory=set)
    _history: set[str] = field(default_factory=set)
    _rows: set[str] = field(default_factory=set)
    _young: dict[str, set[str]] = field(default_factory=dict)

    def __contains__(self, url: str) -> bool:
        return url in self._history or url in self._rows or self._is_repaired(url)

    def has_file_named(self, name: str) -> bool:
        """True if the outcome of a file of that name, in any folder, is known: it is in a table, or has failed."""
        known = (self._history, self._rows, self.failed)
        return any(url.endswith(name) for urls in known for url in urls)

    @property
    def half_loaded(self) -> set[str]:
        """Files of which only a part may be in a table."""
        known = self._history
        young = {name for name, urls in self._young.items() if urls.isdisjoint(known)}
        return young | (self.loading - known)

    @property
    def nothing(self) -> bool:
        """True if no file is in a table, and no row is."""
        return not (self._history or self._rows) and all(self._is_empty(one.table) for one in self.ends)

    def read_history(self, since: datetime) -> None:
        """Add the outcomes of the loads since then."""
        recent = self.invocation.clock.now() - MARGIN
        self.loading.clear()

        def note(row: Row) -> bool:
            urls = _urls(str(row["stage_location"]), str(row["file_name"]))
            match LoadState.of(row):
                case LoadState.LOADED:
                    self._history |= urls
                case LoadState.FAILED:
                    self.failed |= urls
                case LoadState.IN_PROGRESS if _is_since(row["pipe_received_time"], recent):
                    self.loading |= urls
            return False

        for one in self.ends:
            self._read(CopyHistory(one.table, since), note)

    def read_rows(self, since: datetime) -> None:
        """Add the files of rows that were read from them since then."""
        begun = max(self.created, self.invocation.clock.now() - MARGIN) if self.created else None
        for one in self.ends:
            if one.file is None:
                self.invocation.log.warning(
                    "no column of the table stores METADATA$FILENAME, so files loaded by an earlier pipe are known "
                    "only from the load history, and may be loaded twice if that pipe was replaced in the last seven "
                    "days",
                    object=str(one.table),
                )
                continue
            base = url_of(self.invocation.session, one.stage)

            def note(row: Row, base: str = base) -> bool:
                if name := row["file_name"]:
                    urls = _urls(base, str(name))
                    self._rows |= urls
                    if begun and row["last_scan"] and timestamp(row["last_scan"]) >= begun:
                        self._young[str(name)] = urls
                return False

            self._read(LoadedFiles(one.table, one.file, one.loaded_at, since), note)

    def _read(self, statement: Statement, note: Callable[[Row], bool]) -> None:
        """Note each row as it arrives: a list of all files need not fit into memory."""
        try:
            self.invocation.session.execute(statement, keep=note)
        except ObjectMissingError:
            self.invocation.log.info("table and its load history no longer exist", object=str(statement.name))
        except WarehouseNeededError:
            # Without a warehouse only an empty table can be recognized.
            if not self._is_empty(statement.name):
                raise

    def _is_repaired(self, url: str) -> bool:
        # s3://bucket/key
        return bool(self.repaired) and fingerprint(url.split("/", 3)[-1]) in self.repaired

    def _is_empty(self, table: ObjectName) -> bool:
        return ShownRows.look(self.invocation.session, table) in (None, ShownRows(0))


def url_of(session: Session, stage: ObjectName) -> str:
    """The location of a stage; empty if there is none."""
    shown = ShownStage.look(session, stage)
    return shown.url if shown else ""


def _is_since(value: object, moment: datetime) -> bool:
    return value is None or timestamp(value) >= moment


def _urls(location: str, name: str) -> set[str]:
    """The possible URLs of a file name: complete, relative to the bucket, or relative to the stage's location."""
    scheme, _, path = f"{location.rstrip('/')}/".partition("://")
    bucket, _, folder = path.partition("/")
    if name.startswith(f"{scheme}://"):
        return {name}
    urls = {f"{scheme}://{path}{name}"}
    if name.startswith(folder):
        urls.add(f"{scheme}://{bucket}/{name}")
    return urls
