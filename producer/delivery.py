"""Delivery of the records of one call, with retries for the refused ones only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_result,
    sleep_using_event,
    stop_after_attempt,
    stop_after_delay,
    stop_any,
    stop_when_event_set,
    wait_random_exponential,
)

from producer.errors import TargetError
from producer.packing import Record
from producer.service import Refusal, Service

OnTaken = Callable[[Sequence[Record], float], None]
"""Callback with the accepted records and the time (seconds since the epoch)."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Retries with full jitter, between zero and a ceiling that doubles up to `cap_seconds`."""

    attempts: int = 8
    base_seconds: float = 0.2
    cap_seconds: float = 5.0
    total_seconds: float = 60.0


@dataclass(kw_only=True)
class Delivery:
    """The records of one call, and their state so far."""

    pending: list[Record]
    refusals: list[Refusal] = field(default_factory=list)
    taken: int = 0
    calls: int = 0
    retried_events: int = 0
    fatal: str | None = None

    def unsent(self) -> Iterator[tuple[Record, str]]:
        """All records that were not accepted, each with the reason."""
        if self.fatal:
            yield from ((record, self.fatal) for record in self.pending)
            return
        tries = "once" if self.calls == 1 else f"{self.calls} times"
        for record, refusal in zip(self.pending, self.refusals, strict=True):
            yield record, f"offered {tries}, last answer: {refusal}"


class Courier:
    """Delivers the records of one call at a time.

    One at a time is enough: a call holds megabytes, and a stream's quota is reached before the network's limit.
    """

    def __init__(
        self, service: Service, *, retry: RetryPolicy, stop: threading.Event, on_taken: OnTaken
    ) -> None:
        self._service = service
        self._on_taken = on_taken
        self._retrying = Retrying(
            retry=retry_if_result(_is_unfinished),
            wait=wait_random_exponential(multiplier=retry.base_seconds, max=retry.cap_seconds),
            stop=stop_any(
                stop_after_attempt(retry.attempts),
                stop_after_delay(retry.total_seconds),
                stop_when_event_set(stop),
            ),
            sleep=sleep_using_event(stop),
            retry_error_callback=_last_result,
        )

    def deliver(self, records: Sequence[Record]) -> Delivery:
        """Send `records` until all are accepted or the policy's retries are used up."""
        return self._retrying(self._attempt, Delivery(pending=list(records)))

    def _attempt(self, delivery: Delivery) -> Delivery:
        offered = delivery.pending
        delivery.calls += 1
        if delivery.calls > 1:
            delivery.retried_events += sum(len(record.events) for record in offered)
        try:
            answers = self._service.put([record.data for record in offered])
        except TargetError as error:
            delivery.fatal = str(error)
            return delivery
        taken = [record for record, refusal in zip(offered, answers, strict=True) if refusal is None]
        delivery.pending = [record for record, refusal in zip(offered, answers, strict=True) if refusal]
        delivery.refusals = [refusal for refusal in answers if refusal]
        delivery.taken += len(taken)
        if taken:
            self._on_taken(taken, time.time())
        return delivery


def _is_unfinished(delivery: Delivery) -> bool:
    return bool(delivery.pending) and delivery.fatal is None


def _last_result(state: RetryCallState) -> Delivery:
    assert state.outcome is not None
    result: Delivery = state.outcome.result()
    return result
