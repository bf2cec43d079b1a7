"""Only refused records are retried, and not forever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from producer import RetryPolicy, TargetError
from producer.checking import Event
from producer.delivery import Courier, Delivery
from producer.packing import Record
from producer.service import Refusal, Service
from tests.unit.producer.conftest import Clock

FAST = RetryPolicy(attempts=4, base_seconds=0.0001, cap_seconds=0.001, total_seconds=10)
BUSY = Refusal("ProvisionedThroughputExceededException", "slow down")


class Refusing:
    """Refuses, call by call, the records whose index is listed; then accepts everything."""

    def __init__(self, *refused: set[int]) -> None:
        self._refused = list(refused)
        self.calls: list[list[bytes]] = []

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        self.calls.append(list(records))
        refused = self._refused.pop(0) if self._refused else set()
        return [BUSY if number in refused else None for number in range(len(records))]


class Broken:
    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        raise TargetError("no such stream")


def records(count: int) -> list[Record]:
    return [Record(b"%d" % n, (Event(n, str(n), b"%d" % n), Event(n, f"{n}b", b""))) for n in range(count)]


def deliver(
    service: Service,
    offered: list[Record],
    *,
    retry: RetryPolicy = FAST,
    stop: threading.Event | None = None,
    on_taken: Callable[[Sequence[Record], float], None] = lambda taken, at: None,
) -> Delivery:
    courier = Courier(service, retry=retry, stop=stop or threading.Event(), on_taken=on_taken)
    return courier.deliver(offered)


def test_exactly_the_refused_records_are_retried() -> None:
    service = Refusing({1, 3}, {0})
    taken: list[bytes] = []
    result = deliver(service, records(5), on_taken=lambda some, at: taken.extend(one.data for one in some))
    assert service.calls == [[b"0", b"1", b"2", b"3", b"4"], [b"1", b"3"], [b"1"]]
    assert taken == [b"0", b"2", b"4", b"3", b"1"]
    assert (result.taken, result.calls, result.retried_events, result.pending) == (5, 3, 6, [])


@given(st.lists(st.sets(st.integers(0, 9)), max_size=8))
def test_every_record_is_accepted_once_or_left(refused: list[set[int]]) -> None:
    taken: list[bytes] = []
    result = deliver(
        Refusing(*refused), records(10), on_taken=lambda some, at: taken.extend(one.data for one in some)
    )
    assert sorted([*taken, *(one.data for one in result.pending)]) == [one.data for one in records(10)]
    assert result.calls <= FAST.attempts
    assert len(list(result.unsent())) == len(result.pending)


def test_after_the_last_attempt_the_remaining_records_have_the_reason() -> None:
    result = deliver(Refusing(*[{0}] * 9), records(2))
    assert [(record.data, reason) for record, reason in result.unsent()] == [
        (b"0", "offered 4 times, last answer: ProvisionedThroughputExceededException: slow down")
    ]


def test_the_total_time_is_bounded_too(clock: Clock) -> None:
    class Slow(Refusing):
        def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
            clock.sleep(30)
            return super().put(records)

    policy = RetryPolicy(attempts=10_000, base_seconds=0.0001, cap_seconds=0.001, total_seconds=100)
    assert deliver(Slow(*[{0}] * 10_000), records(1), retry=policy).calls == 4


def test_a_permanent_error_is_not_retried() -> None:
    result = deliver(Broken(), records(2))
    assert (result.calls, result.fatal) == (1, "no such stream")
    assert [reason for _, reason in result.unsent()] == ["no such stream"] * 2


def test_after_a_stop_request_it_tries_once() -> None:
    stop = threading.Event()
    stop.set()
    service = Refusing({0})
    result = deliver(service, records(2), stop=stop)
    assert len(service.calls) == 1
    assert [reason for _, reason in result.unsent()] == [
        "offered once, last answer: ProvisionedThroughputExceededException: slow down"
    ]


def test_a_stop_request_ends_a_wait() -> None:
    stop = threading.Event()
    policy = RetryPolicy(attempts=5, base_seconds=1_000, cap_seconds=1_000, total_seconds=10_000)
    threading.Timer(0.1, stop.set).start()
    result = deliver(Refusing(*[{0}] * 9), records(1), retry=policy, stop=stop)
    assert result.calls < 5


def test_the_time_of_acceptance_is_reported() -> None:
    moments: list[float] = []
    before = time.time()
    deliver(Refusing({0}), records(1), on_taken=lambda taken, at: moments.append(at))
    assert len(moments) == 1
    assert before <= moments[0] <= time.time()
