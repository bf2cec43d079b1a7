"""The events that wait in the spool, and their sending when the stream accepts again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from producer.delivery import Courier, Delivery, RetryPolicy
from producer.errors import SpoolError
from producer.packing import Record, count_events
from producer.service import Service
from producer.spool import Spool
from producer.target import LIMITS, Target


@dataclass(frozen=True)
class Drained:
    """Records of the spool that were accepted in one attempt; `earlier` are events of runs before."""

    records: Sequence[Record]
    earlier: int
    at: float


class Backlog:
    """Sends what is in the spool, oldest first; newer events wait behind it.

    The stream is tried once in every `retry.cap_seconds` while it refuses, and with all retries once it accepts.
    """

    def __init__(
        self,
        spool: Spool,
        target: Target,
        service: Service,
        *,
        retry: RetryPolicy,
        stop: threading.Event,
        on_drained: Callable[[Drained], None],
    ) -> None:
        spool.require(target)
        self._spool = spool
        self._target = target
        self._pause = retry.cap_seconds
        self._stop = stop
        self._on_drained = on_drained
        once = replace(retry, attempts=1)
        self._trying = Courier(service, retry=once, stop=stop, on_taken=self._remove)
        self._sending = Courier(service, retry=retry, stop=stop, on_taken=self._remove)
        self._numbers: dict[int, int] = {}
        self._next_try = time.monotonic()
        self.is_empty = spool.is_empty

    @property
    def is_due(self) -> bool:
        """True if there are events, and the stream should be tried again."""
        return not self.is_empty and time.monotonic() >= self._next_try

    def add(self, records: Sequence[Record]) -> Sequence[Record]:
        """Put records behind the others; return those that do not fit."""
        if not records:
            return []
        if self.is_empty:
            self._next_try = time.monotonic() + self._pause
        left = self._spool.add(records, self._target)
        self.is_empty = self._spool.is_empty
        return left

    def drain(self) -> Delivery:
        """Send until the spool is empty or the stream refuses; return the counts of all calls.

        Its `fatal` is the reason if neither the stream nor the spool can be used any more.
        """
        total = Delivery(pending=[])
        courier = self._trying
        try:
            while not (self.is_empty or total.fatal):
                stored = self._spool.oldest(LIMITS[self._target.kind])
                self._numbers = {id(one.record): one.number for one in stored}
                delivery = courier.deliver([one.record for one in stored])
                total.calls += delivery.calls
                total.retried_events += delivery.retried_events
                total.fatal = delivery.fatal
                self.is_empty = self._spool.is_empty
                if not delivery.taken or self._stop.is_set():
                    break
                courier = self._sending
        except SpoolError as error:
            total.fatal = str(error)
        self._next_try = time.monotonic() + self._pause
        return total

    def _remove(self, records: Sequence[Record], at: float) -> None:
        numbers = [self._numbers[id(record)] for record in records]
        self._spool.remove(numbers)
        earlier = count_events(
            record
            for record, number in zip(records, numbers, strict=True)
            if number <= self._spool.last_before
        )
        self._on_drained(Drained(records, earlier, at))
