"""Every input line is accounted for, whatever fails."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contract import EventContract, Found
from producer import (
    RejectsFile,
    Report,
    RetryPolicy,
    SendOptions,
    Target,
    TargetError,
    generate,
    open_input,
    send,
)
from producer.service import Refusal
from tests.unit.producer.conftest import BUSY, Clock, ScriptedService, documents_of, refuse_all

TARGET = Target(kind="firehose", name="clicks", region="eu-west-1")
OPTIONS = SendOptions(
    record_bytes=2048, retry=RetryPolicy(attempts=3, base_seconds=0.0001, cap_seconds=0.001, total_seconds=10)
)


def good(number: int) -> bytes:
    return b'{"event_id": "e%d", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}' % number


def lines(*texts: bytes) -> list[Found]:
    return documents_of(b"\n".join(texts))


def kept(rejects: RejectsFile) -> list[dict[str, Any]]:
    rejects.close()
    return (
        [json.loads(text) for text in rejects.path.read_text().splitlines()] if rejects.path.exists() else []
    )


def test_good_lines_are_sent_and_bad_ones_kept_with_the_reason(
    click_event: EventContract, rejects: RejectsFile
) -> None:
    service = ScriptedService()
    source = lines(
        good(1),
        b"",
        b"oops",
        good(2) + b"\r",
        good(9)[:-1] + b', "x": "%s"}' % (b"x" * 2_000_000),
        b'{"event_id": "e3"}',
        good(4),
    )
    report = send(source, contract=click_event, target=TARGET, rejects=rejects, service=service)
    assert service.events == [good(1), good(2), good(4)]
    assert (report.read, report.valid, report.sent) == (6, 3, 3)
    assert (report.rejected, report.failed, report.records, report.calls) == (3, 0, 1, 1)
    assert (report.bytes, report.last_line) == (len(b"\n".join(service.events)), 7)
    assert not report.is_complete
    assert [(entry["line"], entry["reason"].split(":")[0]) for entry in kept(rejects)] == [
        (3, "not JSON"),
        (5, "too large"),
        (6, "field 'event_type'"),
    ]


def test_records_end_without_a_newline(click_event: EventContract, rejects: RejectsFile) -> None:
    service = ScriptedService()
    source = generate(click_event, count=500, seed=1)
    send(source, contract=click_event, target=TARGET, rejects=rejects, service=service, options=OPTIONS)
    assert len(service.taken) > 10
    assert not any(record.endswith(b"\n") or record.startswith(b"\n") for record in service.taken)


def test_a_partial_refusal_is_retried_and_loses_no_event(
    click_event: EventContract, rejects: RejectsFile
) -> None:
    service = ScriptedService([lambda records: [BUSY if n % 2 else None for n in range(len(records))]])
    told: list[str] = []
    report = send(
        generate(click_event, count=300, seed=1),
        contract=click_event,
        target=TARGET,
        rejects=rejects,
        service=service,
        options=OPTIONS,
        on_sent=lambda ids, at: told.extend(ids),
    )
    assert (report.sent, report.failed, report.calls) == (300, 0, 2)
    assert report.retried == sum(record.count(b"\n") + 1 for record in service.calls[1])
    assert service.calls[1] == service.calls[0][1::2]
    assert sorted(told) == sorted(json.loads(event)["event_id"] for event in service.events)
    assert report.is_complete


def test_events_that_stay_refused_are_kept_and_the_rest_is_sent(
    click_event: EventContract, rejects: RejectsFile
) -> None:
    first_refused = [lambda records: [BUSY, *[None] * (len(records) - 1)], refuse_all, refuse_all]
    service = ScriptedService(first_refused)
    source = list(generate(click_event, count=300, seed=1))
    report = send(
        source, contract=click_event, target=TARGET, rejects=rejects, service=service, options=OPTIONS
    )
    entries = kept(rejects)
    assert report.failed == len(entries) == service.calls[0][0].count(b"\n") + 1
    assert report.sent == 300 - report.failed
    assert report.stopped is None
    assert {entry["reason"] for entry in entries} == {f"offered 3 times, last answer: {BUSY}"}
    assert sorted([*service.events, *(entry["event"].encode() for entry in entries)]) == sorted(
        found.text.encode() for found in source
    )


def test_a_stream_that_accepts_nothing_ends_the_run(click_event: EventContract, rejects: RejectsFile) -> None:
    service = ScriptedService([refuse_all] * 99)
    report = send(
        generate(click_event, count=40_000, seed=1),
        contract=click_event,
        target=TARGET,
        rejects=rejects,
        service=service,
        options=OPTIONS,
    )
    assert len(service.calls) == 3
    assert report.stopped is not None
    assert "the stream accepts nothing: offered 3 times" in report.stopped
    assert report.sent == 0
    assert report.last_line == report.read == report.failed == len(kept(rejects)) < 40_000


def test_a_missing_stream_ends_the_run_at_once(click_event: EventContract, rejects: RejectsFile) -> None:
    class Missing:
        calls = 0

        def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
            self.calls += 1
            raise TargetError("no such stream")

    service = Missing()
    report = send(
        lines(good(1), good(2)), contract=click_event, target=TARGET, rejects=rejects, service=service
    )
    assert (service.calls, report.stopped, report.failed) == (1, "no such stream", 2)
    assert [entry["event"].encode() for entry in kept(rejects)] == [good(1), good(2)]


def test_a_dry_run_packs_and_sends_nothing(click_event: EventContract, rejects: RejectsFile) -> None:
    report = send(
        generate(click_event, count=100, seed=1), contract=click_event, target=None, rejects=rejects
    )
    assert (report.dry_run, report.valid, report.sent, report.calls) == (True, 100, 0, 1)
    assert report.records == 1
    assert report.is_complete


def test_damaged_input_is_reported_after_everything_before_it_is_sent(
    click_event: EventContract, rejects: RejectsFile, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(b"\n".join(good(number) for number in range(5_000)))[:-2000])
    service = ScriptedService()
    with open_input(str(file)) as opened:
        report = send(
            opened.documents(), contract=click_event, target=TARGET, rejects=rejects, service=service
        )
    assert report.stopped == (
        f"the gzip data ends too early, after line {report.last_line:,}; the lines up to there were read"
    )
    assert service.events == [good(number) for number in range(report.sent)]
    # The event that was cut off is the last that was found, and is kept.
    assert 1_000 < report.sent == report.last_line - 1
    assert [entry["line"] for entry in kept(rejects)] == [report.last_line]


def test_a_stop_request_sends_the_events_read_and_reads_no_more(
    click_event: EventContract, rejects: RejectsFile
) -> None:
    stop = threading.Event()

    def source() -> Iterator[Found]:
        yield from lines(good(1), good(2))
        stop.set()
        yield from lines(b"", b"", good(3))
        raise AssertionError("read on")

    service = ScriptedService()
    report = send(source(), contract=click_event, target=TARGET, rejects=rejects, service=service, stop=stop)
    assert service.events == [good(1), good(2), good(3)]
    assert (report.interrupted, report.sent, report.last_line) == (True, 3, 3)
    assert not report.is_complete


def test_an_event_waits_only_briefly_for_its_batch(
    click_event: EventContract, rejects: RejectsFile, clock: Clock
) -> None:
    service = ScriptedService()
    linger, waited = 1.0, 0

    def source() -> Iterator[Found | None]:
        nonlocal waited
        yield from lines(good(1))
        while not service.calls:
            clock.sleep(linger / 4)
            waited += 1
            yield None

    send(
        source(),
        contract=click_event,
        target=TARGET,
        rejects=rejects,
        service=service,
        options=SendOptions(linger_seconds=linger),
    )
    assert waited == 4
    assert service.events == [good(1)]


def test_the_batch_timer_starts_with_the_first_event(
    click_event: EventContract, rejects: RejectsFile, clock: Clock
) -> None:
    service = ScriptedService()
    linger = 0.2

    def source() -> Iterator[Found | None]:
        clock.sleep(2 * linger)
        yield None
        yield from lines(good(1))
        clock.sleep(linger / 2)
        yield None
        yield from lines(good(2))

    options = SendOptions(linger_seconds=linger)
    send(source(), contract=click_event, target=TARGET, rejects=rejects, service=service, options=options)
    assert len(service.calls) == 1


def test_progress_is_reported_and_ends_with_the_final_report(
    click_event: EventContract, rejects: RejectsFile
) -> None:
    told: list[Report] = []
    report = send(
        lines(good(1)),
        contract=click_event,
        target=TARGET,
        rejects=rejects,
        service=ScriptedService(),
        on_progress=told.append,
    )
    assert told[-1] == report
