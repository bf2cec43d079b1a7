"""Files of the lake that Snowpipe does not know: their notification was lost, or never sent.

A file is missing if it has been in the lake for longer than its pipe should take, and

- is not in the load history, in any state;
- does not wait for its pipe: the history has a file only when its load begins;
- is named by no row: the history is deleted with a pipe that is replaced;
- has no repair object in its folder.

Missing files are counted in each run, so the alarm stays on until they are repaired or leave the compared folders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clickstream_wire.metrics import PipeMetric
from clickstream_wire.repairs import fingerprint, repaired
from pipeline_monitor.lake import Files
from pipeline_monitor.metrics import Measure
from pipeline_monitor.rounds import Pipes, Round
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import PipeStates, RowFiles
from snowflake_setup.sql.pipe_state import PipeState

# Of the run's time, what its queries may need.
QUERY_SECONDS = 25.0
_CLOCKS_DIFFER = timedelta(minutes=1)
# The folder of the day, that of the hour, the name.
_PARTS = 3


@dataclass
class Comparison:
    """The newest files of the lake, less those that Snowflake knows.

    Attributes:
        at: the round that it is part of.
        since: the first hour whose files are compared, for each kind of event whose files could be listed.
    """

    at: Round
    since: dict[str, datetime] = field(default_factory=dict)
    _listed: dict[str, Files] = field(default_factory=dict)
    _unknown: dict[WatchedPipe, Files] = field(default_factory=dict)

    def list_lake(self, pipes: Pipes) -> None:
        """List the files of as many kinds of event as there is time for."""
        for pipe in pipes:
            if self.at.clock.remaining() > QUERY_SECONDS:
                with self.at.of(pipe):
                    landed = self.at.lake.landed(pipe.data_prefix, self.at.now)
                    self.since[pipe.events] = landed.since
                    self._listed[pipe.events] = without_repaired(landed.files, pipe.data_prefix)

    def take_away(self, pipe: WatchedPipe, names: Iterable[str]) -> None:
        """Take away the files that the load history names; without it, the pipe's files are not compared."""
        if pipe.events in self._listed:
            self._unknown[pipe] = without_named(self._listed[pipe.events], names)

    def measure(self) -> None:
        """Count the missing files; only if files are old and not in the load history does this need queries."""
        at = self.at
        old = {pipe: written_before(files, at.now - at.file_age) for pipe, files in self._unknown.items()}
        queued = {pipe: files for pipe, files in old.items() if not files}
        for pipe, (row,) in at.ask(PipeStates.of, _with_files(old)):
            with at.of(pipe):
                if before := overlooked_before(PipeState.read(row), at.file_age, at.now):
                    queued[pipe] = written_before(old[pipe], before)
        since = {pipe.events: min(files.values()) - _CLOCKS_DIFFER for pipe, files in queued.items() if files}
        missing = {pipe: files for pipe, files in queued.items() if not files}
        for pipe, rows in at.ask(lambda some: RowFiles.of(some, since), _with_files(queued)):
            with at.of(pipe):
                missing[pipe] = without_named(queued[pipe], (str(row["source_file"]) for row in rows))
        for pipe, files in missing.items():
            if files:
                at.log.warning(
                    "files missing", events=pipe.events, number=len(files), files=sorted(files)[:10]
                )
            at.measures[pipe.events].append(Measure(PipeMetric.FILES_MISSING, len(files), "Count", at.now))


def without_named(files: Files, names: Iterable[str]) -> Files:
    """The files that none of these names is of; names may begin with the bucket, the data prefix, or the day."""
    named = {"/".join(name.split("/")[-_PARTS:]) for name in names}
    return {path: at for path, at in files.items() if path not in named}


def without_repaired(files: Files, data_prefix: str) -> Files:
    """The files without a repair object in their folder; one of these is a file like any other."""
    repairs = {(_folder(path), origin) for path in files if (origin := repaired(path))}
    if not repairs:
        return files
    return {
        path: at
        for path, at in files.items()
        if (_folder(path), fingerprint(f"{data_prefix}{path}")) not in repairs
    }


def written_before(files: Files, moment: datetime) -> Files:
    """The files that were written before then."""
    return {path: at for path, at in files.items() if at < moment}


def overlooked_before(state: PipeState, age: timedelta, now: datetime) -> datetime | None:
    """The time such that a file written before it does not wait for its pipe; None if that is not known.

    A pipe that is not running has its own alarm, and so has one whose files wait for long.

    Args:
        state: the state of the pipe.
        age: the time within which a file is in the pipe's queue.
        now: the present.
    """
    if not state.running or (state.pending and state.oldest_pending is None):
        return None
    return (state.oldest_pending or now) - age


def _with_files(files: Mapping[WatchedPipe, Files]) -> Pipes:
    return tuple(pipe for pipe, some in files.items() if some)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
