"""Events that the stream refuses for long are kept in a bounded file, and sent later, oldest first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract import EventContract, Found
from producer import (
    Checkpoint,
    RejectsFile,
    Report,
    RetryPolicy,
    SendOptions,
    Spool,
    SpoolError,
    Target,
    TargetError,
    generate,
    open_input,
    send,
)
from producer.service import Refusal
from producer.target import LIMITS
from tests.unit.producer.conftest import BUSY, Clock, ScriptedService, documents_of, refuse_all

TARGET = Target(kind="firehose", name="clicks", region="eu-west-1")
PAUSE = 5.0
OPTIONS = SendOptions(
    record_bytes=1,
    retry=RetryPolicy(attempts=2, base_seconds=1e-6, cap_seconds=PAUSE, total_seconds=10),
    linger_seconds=0.5,
)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "clicks.spool"


def good(number: int, size: int = 0) -> bytes:
    more = b',"page_id":"%s"' % (b"x" * size) if size else b""
    return b'{"event_id":"e%d","event_type":"click","timestamp":"2026-11-22T10:15:30Z"%s}' % (number, more)


def some(*numbers: int) -> list[Found]:
    return documents_of(b"\n".join(good(number) for number in numbers))


def refused(records: Sequence[bytes]) -> list[Refusal | None]:
    raise TargetError("the login has expired")


def run(documents: Any, event: EventContract, path: Path, service: ScriptedService, **options: Any) -> Report:
    """Send with a spool of at most `max_bytes`."""
    bound = {"max_bytes": options.pop("max_bytes")} if "max_bytes" in options else {}
    with Spool(path, **bound) as spool, RejectsFile(path.with_name("rejects")) as rejects:
        return send(
            documents,
            contract=event,
            target=options.pop("target", TARGET),
            rejects=rejects,
            options=OPTIONS,
            spool=spool,
            service=service,
            **options,
        )


def waiting(path: Path) -> list[bytes]:
    with Spool(path) as spool:
        return [one.record.data for one in spool.oldest(LIMITS["firehose"])]


def listed(path: Path) -> list[str]:
    rejects = path.with_name("rejects")
    return (
        [json.loads(line)["reason"] for line in rejects.read_text().splitlines()] if rejects.exists() else []
    )


def test_what_is_refused_is_spooled_and_drained_by_the_next_run(
    path: Path, click_event: EventContract
) -> None:
    report = run(some(0, 1), click_event, path, ScriptedService([refuse_all] * 3))
    assert (report.sent, report.spooled, report.failed, report.stopped) == (0, 2, 0, None)
    assert not report.is_complete
    assert waiting(path) == [good(0), good(1)]

    told: list[str] = []
    service = ScriptedService()
    report = run(some(2), click_event, path, service, on_sent=lambda ids, at: told.extend(ids))
    assert service.events == [good(0), good(1), good(2)]
    assert told == ["e0", "e1", "e2"]
    assert (report.drained, report.sent, report.spooled, report.is_complete) == (2, 1, 0, True)
    assert (waiting(path), listed(path)) == ([], [])


def test_only_the_refused_part_of_a_call_is_spooled(path: Path, click_event: EventContract) -> None:
    def last_refused(records: Sequence[bytes]) -> list[Refusal | None]:
        return [*[None] * (len(records) - 1), BUSY]

    service = ScriptedService([last_refused, refuse_all, refuse_all])
    report = run(some(0, 1, 2), click_event, path, service)
    assert (report.sent, report.spooled) == (2, 1)
    assert waiting(path) == [good(2)]


def test_newer_events_wait_behind_older_ones_until_the_stream_accepts_again(
    path: Path, click_event: EventContract, clock: Clock
) -> None:
    """While it refuses, it is tried once in a while and not with every call."""
    service = ScriptedService([refuse_all] * 3)

    def source() -> Iterator[Found | None]:
        for number in range(4):
            yield from some(number)
            clock.sleep(0.6)
            yield None
        assert len(service.calls) == 2
        clock.sleep(PAUSE)
        yield None
        assert len(service.calls) == 3
        clock.sleep(PAUSE)
        yield None
        assert service.events == [good(0), good(1), good(2), good(3)]
        yield from some(4)

    report = run(source(), click_event, path, service)
    assert (report.sent, report.spooled, report.drained) == (5, 0, 0)


def test_what_does_not_fit_is_listed_as_without_a_spool(path: Path, click_event: EventContract) -> None:
    documents = documents_of(b"\n".join(good(number, 10_000) for number in range(20)))
    report = run(documents, click_event, path, ScriptedService([refuse_all] * 9), max_bytes=100_000)
    assert 5 <= report.spooled <= 9
    assert report.spooled + report.failed == 20
    assert report.stopped is not None
    assert "the stream accepts nothing" in report.stopped
    assert len(listed(path)) == report.failed
    assert path.stat().st_size <= 100_000
    service = ScriptedService([refuse_all] * 9)
    report = run(documents, click_event, path, service, max_bytes=100_000)
    assert report.stopped == "the stream accepts nothing, and the spool is full"
    assert path.stat().st_size <= 100_000


def test_a_drained_spool_gives_its_space_back(path: Path, click_event: EventContract) -> None:
    documents = documents_of(b"\n".join(good(number, 10_000) for number in range(20)))
    run(documents, click_event, path, ScriptedService([refuse_all] * 9))
    assert path.stat().st_size > 200_000
    run([], click_event, path, ScriptedService())
    assert path.stat().st_size < 20_000


def test_a_permanent_refusal_ends_the_run_and_spools_its_events(
    path: Path, click_event: EventContract
) -> None:
    report = run(some(0, 1), click_event, path, ScriptedService([refused]))
    assert (report.stopped, report.spooled, report.failed) == ("the login has expired", 2, 0)
    report = run(some(2, 3), click_event, path, ScriptedService([refused]))
    assert (report.stopped, report.spooled, report.calls) == ("the login has expired", 1, 1)
    assert waiting(path) == [good(0), good(1), good(2)]


def test_a_large_backlog_is_drained_in_calls_that_the_stream_allows(
    path: Path, click_event: EventContract
) -> None:
    documents = list(generate(click_event, count=1_200, seed=1))
    run(documents, click_event, path, ScriptedService([refuse_all] * 99))
    service = ScriptedService()
    report = run([], click_event, path, service)
    assert [len(call) for call in service.calls] == [500, 500, 200]
    assert (report.drained, report.read) == (1_200, 0)
    assert service.events == [found.text.encode() for found in documents]


def test_a_busy_stream_is_drained_into_with_retries(path: Path, click_event: EventContract) -> None:
    """A first call that it accepts in part is followed by more, and refused ones are retried as usual."""
    run(some(0, 1, 2), click_event, path, ScriptedService([refuse_all] * 3))
    service = ScriptedService([lambda records: [None, BUSY, BUSY], refuse_all])
    report = run([], click_event, path, service)
    assert service.events == [good(0), good(1), good(2)]
    assert (report.drained, report.calls, report.retried) == (3, 3, 2)


def test_events_of_another_stream_are_refused(path: Path, click_event: EventContract) -> None:
    run(some(0), click_event, path, ScriptedService([refuse_all] * 3))
    another = Target(kind="kinesis", name="orders", region="eu-west-1")
    with pytest.raises(
        SpoolError, match=r"has events for Firehose .*'clicks'.*and this is Kinesis stream 'orders'"
    ):
        run(some(1), click_event, path, ScriptedService(), target=another)
    assert waiting(path) == [good(0)]


def test_two_processes_cannot_share_a_spool(path: Path) -> None:
    with Spool(path), pytest.raises(SpoolError, match="in use by another process"):
        Spool(path)
    Spool(path).close()


@pytest.mark.parametrize("content", [b"not a database, but a text that is long enough" * 9, None])
def test_a_file_that_is_no_spool_is_refused(path: Path, content: bytes | None) -> None:
    path.write_bytes(content) if content else path.mkdir()
    with pytest.raises(SpoolError, match="cannot open the spool"):
        Spool(path)


def test_a_spool_that_is_too_small_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="at least 65,536 bytes, got 10"):
        Spool(path, max_bytes=10)


def test_a_checkpoint_needs_no_spool(path: Path, click_event: EventContract, rejects: RejectsFile) -> None:
    path.with_name("events").write_bytes(good(0))
    with (
        open_input(str(path.with_name("events"))) as source,
        Checkpoint(source, target=TARGET, contract=click_event) as checkpoint,
        Spool(path) as spool,
        pytest.raises(ValueError, match="needs no spool"),
    ):
        send([], contract=click_event, target=TARGET, rejects=rejects, checkpoint=checkpoint, spool=spool)


def test_events_that_cannot_be_removed_end_the_run(
    path: Path, click_event: EventContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, for example: they would be sent again and again."""
    run(some(0), click_event, path, ScriptedService([refuse_all] * 3))

    def fail(self: Spool, numbers: object) -> None:
        raise SpoolError("cannot remove") from sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Spool, "remove", fail)
    service = ScriptedService()
    report = run(some(1), click_event, path, service)
    assert (report.stopped, report.spooled, service.events) == ("cannot remove", 1, [good(0)])
