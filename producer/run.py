"""One run of the producer, from the first line to the report."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from contract import Found
from producer.backlog import Backlog, Drained
from producer.checking import DocumentChecker, Event, Reject
from producer.checkpoint import Checkpoint
from producer.delivery import Courier, RetryPolicy
from producer.errors import InputError
from producer.packing import Packer, Record, count_events
from producer.rejects import RejectsFile
from producer.report import Report, Tally
from producer.service import Service
from producer.spool import Spool
from producer.target import Target

OnSent = Callable[[Sequence[str], float], None]
"""Callback with the ids of the events that a call accepted, and the time (seconds since the epoch)."""
OnProgress = Callable[[Report], None]
"""Callback with the progress, at most ten times a second."""

_PROGRESS_SECONDS = 0.1


@dataclass(kw_only=True)
class Run:
    """Checks, packs and sends documents in one pass; without a `service`, nothing is sent."""

    checker: DocumentChecker
    packer: Packer
    rejects: RejectsFile
    service: Service | None
    retry: RetryPolicy
    linger_seconds: float
    stop: threading.Event
    on_sent: OnSent | None
    on_progress: OnProgress | None
    checkpoint: Checkpoint | None = None
    spool: Spool | None = None
    target: Target | None = None
    _backlog: Backlog | None = field(default=None, init=False)
    _tally: Tally = field(default_factory=Tally, init=False)
    _courier: Courier | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.service:
            self._courier = Courier(self.service, retry=self.retry, stop=self.stop, on_taken=self._note_taken)
        if self.service and self.spool and self.target:
            self._backlog = Backlog(
                self.spool,
                self.target,
                self.service,
                retry=self.retry,
                stop=self.stop,
                on_drained=self._note_drained,
            )
        self._started = self._reported = self._waiting_since = time.monotonic()

    def of(self, documents: Iterable[Found | None]) -> Report:
        """Process documents to their end, or until a permanent failure."""
        if self.checkpoint:
            self.checkpoint.start(self.rejects)
        self._drain()
        damage = self._work_through(documents)
        leftover = self.packer.take()
        if leftover and self._tally.stopped:
            for record in self._unspooled(leftover):
                self._fail(record, self._tally.stopped)
        elif leftover:
            self._dispatch(leftover)
        if not self._tally.stopped:
            self._drain()
        if self.checkpoint:
            is_over = not (self._tally.stopped or self.stop.is_set())
            self.checkpoint.finish(self._tally, self.rejects, is_over=is_over)
        if damage and not self._tally.stopped:
            self._tally.stopped = damage
        report = self._snapshot(interrupted=self.stop.is_set())
        if self.on_progress:
            self.on_progress(report)
        return report

    def _work_through(self, documents: Iterable[Found | None]) -> str | None:
        """Read to the end, an interruption or damage; return a description of the damage."""
        try:
            for found in documents:
                if found is not None:
                    self._take_document(found)
                self._tick()
                if self._tally.stopped or self.stop.is_set():
                    break
        except InputError as error:
            return f"{error}, after line {self._tally.last_line:,}; the lines up to there were read"
        return None

    def _take_document(self, found: Found) -> None:
        self._tally.last_line = found.line
        if self.checkpoint and self.checkpoint.passes():
            return
        verdict = self.checker.check(found)
        if isinstance(verdict, Reject):
            self._tally.rejected += 1
            self.rejects.add_reject(verdict)
            return
        self._tally.valid += 1
        if self.checkpoint and self.rejects.has(verdict):
            self._tally.failed += 1
            self.rejects.add_event(verdict, "not accepted in the run before")
        else:
            self._pack(verdict)

    def _pack(self, event: Event) -> None:
        if self.checkpoint:
            self.checkpoint.pack()
        was_empty = self.packer.is_empty
        full = self.packer.add(event)
        if was_empty or full:
            self._waiting_since = time.monotonic()
        if full:
            self._dispatch(full)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._waiting_since >= self.linger_seconds:
            if not self.packer.is_empty:
                self._dispatch(self.packer.take())
            elif self.checkpoint:
                self._waiting_since = now
                self.checkpoint.settle(self._tally, self.rejects)
        if self._backlog and self._backlog.is_due:
            self._drain()
        if self.on_progress:
            self._show_progress(self.on_progress, now)

    def _show_progress(self, on_progress: OnProgress, now: float) -> None:
        if now - self._reported >= _PROGRESS_SECONDS:
            self._reported = now
            on_progress(self._snapshot())

    def _drain(self) -> None:
        if self._backlog and not self._backlog.is_empty:
            delivery = self._backlog.drain()
            self._tally.calls += delivery.calls
            self._tally.retried += delivery.retried_events
            self._tally.stopped = delivery.fatal

    def _dispatch(self, records: Sequence[Record]) -> None:
        if self._courier is None:
            self._tally.calls += 1
            self._count(records)
            return
        if self.checkpoint:
            self.checkpoint.begin(records)
        if self._backlog and not self._backlog.is_empty:
            for record in self._unspooled(records):
                self._tally.stopped = "the stream accepts nothing, and the spool is full"
                self._fail(record, self._tally.stopped)
        else:
            self._deliver(self._courier, records)
        if self.checkpoint:
            self.checkpoint.settle(self._tally, self.rejects)

    def _deliver(self, courier: Courier, records: Sequence[Record]) -> None:
        delivery = courier.deliver(records)
        self._tally.calls += delivery.calls
        self._tally.retried += delivery.retried_events
        self._tally.stopped = delivery.fatal
        unsent = list(delivery.unsent())
        left = len(self._unspooled([record for record, _ in unsent]))
        for record, reason in unsent[len(unsent) - left :]:
            self._fail(record, reason)
            # Every further call would get the same answer.
            if not (delivery.fatal or delivery.taken or self.stop.is_set()):
                self._tally.stopped = f"the stream accepts nothing: {reason}; is it up?"

    def _unspooled(self, records: Sequence[Record]) -> Sequence[Record]:
        """Put records into the spool, if there is one; return the last ones if they do not fit."""
        if not self._backlog:
            return records
        left = self._backlog.add(records)
        self._tally.spooled += count_events(records) - count_events(left)
        return left

    def _note_drained(self, drained: Drained) -> None:
        self._count(drained.records)
        ids = [event.event_id for record in drained.records for event in record.events]
        own = len(ids) - drained.earlier
        self._tally.drained += drained.earlier
        self._tally.sent += own
        self._tally.spooled -= own
        if self.on_sent:
            self.on_sent(ids, drained.at)
        if self.on_progress:
            self._show_progress(self.on_progress, time.monotonic())

    def _note_taken(self, records: Sequence[Record], at: float) -> None:
        self._count(records)
        ids = [event.event_id for record in records for event in record.events]
        self._tally.sent += len(ids)
        if self.checkpoint:
            self.checkpoint.accept(records, self._tally)
        if self.on_sent:
            self.on_sent(ids, at)

    def _count(self, records: Sequence[Record]) -> None:
        self._tally.records += len(records)
        self._tally.bytes += sum(len(record.data) for record in records)

    def _fail(self, record: Record, reason: str) -> None:
        self._tally.failed += len(record.events)
        for event in record.events:
            self.rejects.add_event(event, reason)

    def _snapshot(self, *, interrupted: bool = False) -> Report:
        seconds = time.monotonic() - self._started
        return self._tally.report(
            seconds=seconds,
            interrupted=interrupted,
            dry_run=self._courier is None,
            resumed=self.checkpoint.resumed if self.checkpoint else None,
        )
