"""Sending rejects again, one a record, so that the gate checks them again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cli.output import CommandError
from cli.rejects.entry import Entry
from cli.rejects.lake import RejectLake, StoredObject
from cli.rejects.selection import Selection
from producer.checking import Event
from producer.delivery import Courier, RetryPolicy
from producer.packing import Packer, Record
from producer.service import Service
from producer.target import Limits


@dataclass(kw_only=True)
class Outcome:
    """Result of a redrive; copies of a reject count as one.

    Attributes:
        found: ids of the selected ones.
        sent: the number that the stream accepted; in a dry run, that would be sent.
        before: ids in objects that were redriven before, and so were left out.
        failed: id and reason of each that was not sent.
        unmarked: objects that could not be marked, with the reason.
        stopped: the reason why it ended early, if so.
    """

    found: set[str] = field(default_factory=set)
    sent: int = 0
    before: set[str] = field(default_factory=set)
    failed: list[tuple[str, str]] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    stopped: str | None = None

    @property
    def is_complete(self) -> bool:
        """True if all that was selected is sent and marked."""
        return not (self.failed or self.unmarked or self.stopped)


class Redrive:
    """Sends selected rejects of one kind of event to its stream.

    Args:
        lake: holds the rejects.
        service: the stream; None for a dry run.
        limits: the stream's.
        selection: the rejects to send.
        again: send also those in objects that were redriven before.
        stop: set it to end early.
        retry: when to send again what was refused.
        outcome: is counted up.
    """

    def __init__(
        self,
        lake: RejectLake,
        service: Service | None,
        limits: Limits,
        *,
        selection: Selection,
        again: bool,
        stop: threading.Event,
        outcome: Outcome,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._lake = lake
        self._limits = limits
        self._selection = selection
        self._again = again
        self._stop = stop
        self._outcome = outcome
        self._courier = None
        if service:
            retry = retry or RetryPolicy()
            self._courier = Courier(service, retry=retry, stop=stop, on_taken=self._note_taken)
        self._packer = Packer(limits, record_bytes=1)  # one event a record
        self._accepted = set[str]()
        self._unmarked: dict[str, set[str]] = {}

    def of(self, objects: Sequence[StoredObject], on_progress: Callable[[str], None]) -> None:
        """Send the selected rejects of these objects."""
        for stored, entries in self._lake.read(objects):
            if self._stop.is_set() or self._outcome.stopped:
                break
            self._take(stored, entries)
            on_progress(f"{self._outcome.sent:,} sent")
        self._dispatch(self._packer.take())
        self._mark()

    def _take(self, stored: StoredObject, entries: Sequence[Entry]) -> None:
        chosen = [entry for entry in entries if self._selection.takes(entry)]
        if not chosen:
            return
        if not self._again and self._lake.redriven_at(stored.key):
            self._outcome.before.update(entry.reject_id for entry in chosen)
            return
        self._unmarked[stored.key] = {entry.reject_id for entry in entries}
        for entry in chosen:
            if entry.reject_id not in self._outcome.found:
                self._outcome.found.add(entry.reject_id)
                self._send(entry)

    def _send(self, entry: Entry) -> None:
        size, most = len(entry.data), self._limits.bytes_per_record
        if size > most:
            self._outcome.failed.append(
                (
                    entry.reject_id,
                    f"too large for the stream: {size:,} bytes, and a record has at most {most:,}",
                )
            )
        elif self._outcome.stopped:
            self._outcome.failed.append((entry.reject_id, self._outcome.stopped))
        else:
            self._dispatch(self._packer.add(Event(0, entry.reject_id, entry.data)))

    def _dispatch(self, records: Sequence[Record]) -> None:
        if not records:
            return
        if self._courier is None:
            self._outcome.sent += sum(len(record.events) for record in records)
            return
        if self._outcome.stopped:
            self._outcome.failed += [(name, self._outcome.stopped) for name in _ids(records)]
            return
        delivery = self._courier.deliver(records)
        for record, reason in delivery.unsent():
            self._outcome.failed += [(name, reason) for name in _ids([record])]
            # Every further call would get the same answer.
            if delivery.fatal or not (delivery.taken or self._stop.is_set()):
                self._outcome.stopped = delivery.fatal or f"the stream accepts nothing: {reason}"
        self._mark()

    def _note_taken(self, records: Sequence[Record], at: float) -> None:
        ids = _ids(records)
        self._outcome.sent += len(ids)
        self._accepted.update(ids)

    def _mark(self) -> None:
        for key in [key for key, ids in self._unmarked.items() if ids <= self._accepted]:
            del self._unmarked[key]
            try:
                self._lake.mark_redriven(key, datetime.now(UTC))
            except CommandError as error:
                self._outcome.unmarked.append(str(error))


def _ids(records: Iterable[Record]) -> list[str]:
    return [event.event_id for record in records for event in record.events]
