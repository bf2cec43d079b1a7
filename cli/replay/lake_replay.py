"""The replay of files of the lake into a table, hour by hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag

from cli.reconcile.lake import Lake, LakeFile, place
from cli.repair.objects import RepairObjects
from cli.repair.ranges import as_text
from cli.replay.load import Load, RepairObject, TableLoader
from cli.replay.outcome import NotLoaded, Outcome
from cli.replay.target import Target
from clickstream_wire.repairs import fingerprint, repaired
from snowflake_setup.session.session import Row

OnFiles = Callable[[Sequence[LakeFile]], None]
# COPY takes a thousand names. As many bytes as a small warehouse loads within a minute or two, so that an
# interruption does not lose more. https://docs.snowflake.com/en/user-guide/data-load-considerations-load
_MOST_FILES, _MOST_BYTES = 1000, 1_000_000_000


@dataclass(frozen=True)
class Work:
    """The files of an hour that are to be loaded.

    Attributes:
        hour: its beginning.
        files: the files.
        origins: the keys of the repair objects in the folder, and of the files that they repair.
    """

    hour: datetime
    files: Sequence[LakeFile]
    origins: Mapping[str, str]


class LakeReplay:
    """Replays files of one kind of event.

    Args:
        lake: the lake.
        data_prefix: its folder for the kind of event.
        target: the table.
        loader: loads into it.
    """

    def __init__(self, lake: Lake, data_prefix: str, target: Target, loader: TableLoader) -> None:
        self._lake = lake
        self._data_prefix = data_prefix
        self._target = target
        self._loader = loader
        self._repairs = RepairObjects(lake.s3, lake.bucket)
        self.outcome = Outcome(str(target.name))

    def plan(self, hours: Sequence[datetime], now: datetime) -> list[Work]:
        """Decide what is to be loaded.

        Raises:
            CommandError: AWS refuses.
            SnowflakeError: Snowflake refuses.
        """
        work = []
        for hour in hours:
            files = self._lake.files(self._data_prefix, hour)
            if not files:
                continue
            choice = self._target.choose(hour, files, now)
            self.outcome.done += len(choice.done)
            self.outcome.left += [file.key for file in choice.left]
            self.outcome.expired += [file.key for file in choice.expired]
            if choice.todo:
                work.append(Work(hour, choice.todo, _origins(files)))
        return work

    def run(self, planned: Sequence[Work], stop: Flag, on_files: OnFiles) -> None:
        """Load it. What is done is in `outcome`, also if this raises or is stopped.

        Raises:
            CommandError: AWS refuses, or files have fields without a column.
            SnowflakeError: Snowflake refuses.
        """
        self._loader.read_text_as_the_pipe_does()
        for work in planned:
            self.outcome.reached = f"{work.hour:%Y-%m-%dT%H:%MZ}"
            repairs = [
                RepairObject(key, origin, frozenset(self._repairs.lines_in([key])))
                for key, origin in work.origins.items()
            ]
            for files in _portions(work.files):
                if stop.is_set():
                    return
                self._count(files, self._loader.load(files, repairs), repairs)
                on_files(files)
        self.outcome.reached = None

    def _count(self, files: Sequence[LakeFile], load: Load, repairs: Sequence[RepairObject]) -> None:
        """Count the rows against the lines of the files; only a file with an error is read to count them."""
        outcome, by_place = self.outcome, {file.place: file for file in files}
        loaded = 0
        for row in load.rows:
            file, rows = by_place[place(str(row["file"])) or ""], int(row["rows_loaded"])
            loaded += rows
            if row["status"] == "LOADED" and rows == int(row["rows_parsed"]):
                outcome.lines += rows
            else:
                self._explain(file, row, repairs)
        outcome.files += len(files)
        outcome.inserted += load.inserted
        outcome.there += loaded - load.inserted

    def _explain(self, file: LakeFile, row: Row, repairs: Sequence[RepairObject]) -> None:
        """Find the lines of a file that could not be loaded, and that no repair object has."""
        lines = {record.number for record in self._lake.records(file)}
        elsewhere = {line for each in repairs if each.origin == file.key for line in each.lines}
        self.outcome.lines += len(lines)
        if missing := lines - elsewhere - self._loader.row_numbers(file):
            reason = str(row["first_error"] or row["status"])
            self.outcome.not_loaded.append(NotLoaded(file.key, as_text(missing), len(missing), reason))


def _origins(files: Sequence[LakeFile]) -> dict[str, str]:
    """The repair objects among files of an hour, with their origins; those of rejects have none there."""
    repairs = {file.key: origin for file in files if (origin := repaired(file.key))}
    by_fingerprint = {fingerprint(file.key): file.key for file in files} if repairs else {}
    return {key: by_fingerprint[origin] for key, origin in repairs.items() if origin in by_fingerprint}


def _portions(files: Sequence[LakeFile]) -> Iterator[list[LakeFile]]:
    portion, size = list[LakeFile](), 0
    for file in files:
        if portion and (len(portion) == _MOST_FILES or size + file.size > _MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(file)
        size += file.size
    yield portion
