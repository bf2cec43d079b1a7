"""Rejects as lines of the lake: judged again as the gate judges, and written into repair objects.

Only what was rejected is written, never its neighbours; and each reject once, since a repair object has the same name
whenever it is written, and says which rejects it deals with.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from cli.reconcile.lake import LakeFile
from cli.rejects.entry import UNREADABLE, Entry
from cli.rejects.lake import RejectLake, StoredObject
from cli.rejects.selection import Selection
from cli.repair.judge import Judge
from cli.repair.objects import RepairObjects, hour_folder
from config.names import EventStream
from contract import Reason
from event_gate.rejects import Reject, RejectStore

# Longer than a record waits for the gate, retries included.
_SAME = timedelta(hours=1)
OnProgress = Callable[[str], None]


@dataclass(kw_only=True)
class Outcome:
    """Result of a redrive; copies of a reject count as one.

    Attributes:
        found: ids of the selected ones.
        sent: those whose events were written into the lake; in a dry run, that would be.
        events: the number of these events.
        before: ids of those that were redriven before, and so were left out.
        failed: id and reason of each that was not written.
        rejected: the texts in failed records that are no events, and are rejects from now on.
        objects: the repair objects.
    """

    found: set[str] = field(default_factory=set)
    sent: int = 0
    events: int = 0
    before: set[str] = field(default_factory=set)
    failed: list[tuple[str, str]] = field(default_factory=list)
    rejected: int = 0
    objects: list[str] = field(default_factory=list)


class Redrive:
    """Writes selected rejects of one kind of event into the lake.

    Args:
        stream: the kind of event.
        lake: holds the rejects.
        repairs: the lake's repair objects.
        store: the gate's folder of rejects.
        judge: the gate, as the config has it.
        selection: the rejects to write.
        dry_run: write nothing.
        stop: set it to end after the present object.
        outcome: is counted up.
    """

    def __init__(
        self,
        stream: EventStream,
        lake: RejectLake,
        repairs: RepairObjects,
        store: RejectStore,
        judge: Judge,
        *,
        selection: Selection,
        dry_run: bool,
        stop: threading.Event,
        outcome: Outcome,
    ) -> None:
        self._stream = stream
        self._lake = lake
        self._repairs = repairs
        self._store = store
        self._judge = judge
        self._selection = selection
        self._dry_run = dry_run
        self._stop = stop
        self._outcome = outcome
        self._listed: defaultdict[tuple[str, bytes], list[datetime]] = defaultdict(list)

    def of(self, objects: Sequence[StoredObject], on_progress: OnProgress) -> None:
        """Write the selected rejects of these objects.

        Raises:
            CommandError: AWS refuses.
        """
        # The gate's rejects first: what is in a failed record may be listed among them.
        for stored, entries in self._lake.read(sorted(objects, key=lambda stored: stored.is_failed)):
            if self._stop.is_set():
                break
            if not stored.is_failed:
                for entry in entries:
                    self._listed[_number(entry.reject_id), entry.data].append(entry.at)
            by_hour: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
            for entry in entries:
                if self._selection.takes(entry):
                    (number,) = entry.lines
                    by_hour[hour_folder(self._stream.data_prefix, entry.at)][number] = entry
            for folder, chosen in by_hour.items():
                self._write(stored, folder, chosen)
            on_progress(f"{self._outcome.sent:,} written")

    def _write(self, stored: StoredObject, folder: str, chosen: dict[int, Entry]) -> None:
        """Write the rejects of an object that arrived in one hour."""
        done = self._repairs.lines_of(folder, stored.key)
        lines, rejects, outcome = dict[int, bytes](), list[Reject](), self._outcome
        for number, entry in chosen.items():
            if number in done:
                outcome.before.add(entry.reject_id)
            if number in done or entry.reject_id in outcome.before | outcome.found:
                continue
            outcome.found.add(entry.reject_id)
            if entry.reason == UNREADABLE:
                outcome.failed.append((entry.reject_id, entry.message))
                continue
            data = entry.data if stored.is_failed else _in_its_place(entry)
            judged = self._judge.judge(data, entry.at)
            if judged is None:
                outcome.failed.append((entry.reject_id, "it unpacks to more than the gate can answer"))
            elif judged.rejects and not stored.is_failed:
                (flaw, *_) = judged.rejects[0].flaws
                outcome.failed.append((entry.reject_id, f"still rejected: {flaw.text}"))
            else:
                lines[number] = judged.lines
                rejects += [reject for reject in judged.rejects if not self._is_listed(reject, entry.at)]
        outcome.sent += len(lines)
        outcome.events += sum(text.count(b"\n") for text in lines.values())
        outcome.rejected += len(rejects)
        if lines and not self._dry_run:
            if rejects:
                self._store.keep(rejects, self._stream.name)
            outcome.objects += self._repairs.write(folder, stored.key, lines)

    def _is_listed(self, reject: Reject, arrived: datetime) -> bool:
        """True if the gate had kept a reject before Firehose gave up its record.

        The ids differ: only the gate knows the record's place in the Data Stream. And whether Firehose's time of
        arrival is that of the Data Stream is not documented.
        """
        data = reject.text.encode("utf-8", "surrogateescape")
        return any(abs(at - arrived) < _SAME for at in self._listed[_number(reject.reject_id), data])


def _in_its_place(entry: Entry) -> bytes:
    """A rejected text as it stood in its record.

    Alone it may be another one: an array, which was an element of an array, would be taken for a list of events, and a
    byte order mark or gzip data for the beginning of a record.
    """
    if entry.reason in (Reason.TOO_LARGE, Reason.DAMAGED):  # records as a whole
        return entry.data
    return b"\n[%s]" % entry.data if entry.data.startswith(b"[") else b"\n" + entry.data


def _number(reject_id: str) -> str:
    """The number of a text among its record's."""
    return reject_id.rsplit(":", 1)[-1]


def redriven(
    repairs: RepairObjects, streams: Iterable[EventStream], entries: Iterable[Entry]
) -> dict[str, datetime]:
    """The time at which each reject was written into the lake, by id; those that were not are left out."""
    prefixes = {stream.name: stream.data_prefix for stream in streams}
    lines_of, found = cache(repairs.lines_of), dict[str, datetime]()
    for entry in entries:
        if not entry.events:  # a producer's, which never was in the lake
            continue
        prefix = prefixes[entry.events]
        folder = LakeFile.folder_of(entry.key) if entry.key.startswith(prefix) else None
        written = lines_of(folder or hour_folder(prefix, entry.at), entry.key)
        wanted = entry.lines or written
        if wanted and all(number in written for number in wanted):
            found[entry.reject_id] = max(written[number] for number in wanted)
    return found
