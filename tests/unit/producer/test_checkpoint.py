"""The rest of a file is sent after an interruption, and only if it is the same file, target and contract."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import producer.sending
from contract import EventContract
from producer import (
    Checkpoint,
    InputError,
    Report,
    RetryPolicy,
    SendOptions,
    Target,
    open_input,
    paced,
    send,
)
from producer.service import Refusal
from producer.target import Limits
from tests.unit.producer.conftest import BUSY, Clock, ScriptedService, refuse_all

TARGET = Target(kind="firehose", name="clicks", region="eu-west-1")
OPTIONS = SendOptions(
    record_bytes=1, retry=RetryPolicy(attempts=2, base_seconds=1e-6, cap_seconds=1e-6, total_seconds=10)
)


class KilledError(BaseException):
    """Ends a run as a kill does: nothing of it is finished."""


def killed(*arguments: object) -> list[Refusal | None]:
    raise KilledError


def all_accepted(records: Sequence[bytes]) -> list[Refusal | None]:
    return [None] * len(records)


def first_refused(records: Sequence[bytes]) -> list[Refusal | None]:
    return [BUSY, *[None] * (len(records) - 1)]


@pytest.fixture(autouse=True)
def _calls_of_four_events(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(records_per_call=4, bytes_per_call=10_000, bytes_per_record=10_000)
    monkeypatch.setattr(producer.sending, "LIMITS", {"firehose": limits, "kinesis": limits})


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"".join(good(number) for number in range(10)))
    return file


def good(number: int) -> bytes:
    return b'{"event_id":"e%d","event_type":"click","timestamp":"2026-11-22T10:15:30Z"}\n' % number


def some(*numbers: int) -> list[bytes]:
    return [good(number).strip() for number in numbers]


@contextmanager
def checkpoint_of(
    file: Path, event: EventContract, *, resume: bool | None = None, target: Target = TARGET
) -> Iterator[Checkpoint]:
    with (
        open_input(str(file)) as opened,
        Checkpoint(opened, target=target, contract=event, resume=resume) as checkpoint,
    ):
        yield checkpoint


def run(file: Path, event: EventContract, service: ScriptedService, **options: Any) -> Report:
    """Send the file, one event a record."""
    stop = options.pop("stop", None)
    with (
        checkpoint_of(file, event, **options) as checkpoint,
        checkpoint.rejects_file(file.with_name("rejects")) as rejects,
    ):
        return send(
            checkpoint.documents(),
            contract=event,
            target=TARGET,
            rejects=rejects,
            options=OPTIONS,
            checkpoint=checkpoint,
            service=service,
            stop=stop,
        )


def kill(file: Path, event: EventContract, service: ScriptedService, **options: Any) -> None:
    with pytest.raises(KilledError):
        run(file, event, service, **options)


def refusal(file: Path, event: EventContract, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        run(file, event, ScriptedService(), **options)
    return str(caught.value)


def listed(file: Path) -> list[tuple[int, str]]:
    rejects = file.with_name("rejects")
    lines = rejects.read_text().splitlines() if rejects.exists() else []
    return [(entry["line"], entry["event"]) for entry in map(json.loads, lines)]


def test_the_rest_is_sent_and_the_checkpoint_removed(file: Path, click_event: EventContract) -> None:
    kill(file, click_event, ScriptedService([all_accepted, killed]))
    service = ScriptedService()
    report = run(file, click_event, service, resume=True)
    assert service.events == some(4, 5, 6, 7, 8, 9)
    assert (report.read, report.sent) == (6, 6)
    assert report.resumed
    assert (report.resumed.sent, report.resumed.line, report.resumed.in_doubt) == (4, 4, 4)
    assert sorted(path.name for path in file.parent.iterdir()) == ["events.ndjson"]


def test_what_a_call_has_accepted_in_part_is_not_sent_again(file: Path, click_event: EventContract) -> None:
    kill(file, click_event, ScriptedService([first_refused, killed]))
    service = ScriptedService([killed])
    kill(file, click_event, service, resume=True)  # its call holds e0, e4, e5 and e6
    service = ScriptedService()
    report = run(file, click_event, service, resume=True)
    assert service.events == some(0, 4, 5, 6, 7, 8, 9)
    assert report.resumed
    assert (report.resumed.sent, report.resumed.in_doubt) == (3, 1 + 4)


def test_texts_that_are_no_event_are_listed_once(file: Path, click_event: EventContract) -> None:
    """Those that were listed after the last checkpoint, too; an entry that a kill cut off is removed."""
    file.write_bytes(good(0) + b"oops\n" + good(1) * 9 + b"oops\n")
    kill(file, click_event, ScriptedService([killed]))
    with file.with_name("rejects").open("a") as rejects:
        rejects.write('{"line": 11, "rea')
    report = run(file, click_event, ScriptedService(), resume=True)
    assert listed(file) == [(2, "oops"), (12, "oops")]
    assert (report.rejected, report.sent) == (2, 10)


def test_what_a_run_before_the_last_has_listed_is_not_listed_twice(
    file: Path, click_event: EventContract
) -> None:
    """The second run settles a part of what the first one has listed, and is killed like it."""
    file.write_bytes(good(0) * 4 + b"oops\n" + good(1) * 4 + b"oops\n" + good(2) * 4)
    whole = Limits(records_per_call=9, bytes_per_call=10_000, bytes_per_record=10_000)
    with patch.dict("producer.sending.LIMITS", firehose=whole):
        kill(file, click_event, ScriptedService([killed]))
    assert [line for line, _ in listed(file)] == [5, 10]
    kill(file, click_event, ScriptedService([all_accepted, killed]), resume=True)
    run(file, click_event, ScriptedService(), resume=True)
    assert [line for line, _ in listed(file)] == [5, 10]


def test_events_that_were_listed_are_not_sent(
    file: Path, click_event: EventContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "settle", killed)
        kill(file, click_event, ScriptedService([first_refused, refuse_all]))
    another = {"line": 99, "reason": "another run's", "bytes": 1, "event": "x"}
    with file.with_name("rejects").open("a") as rejects:
        rejects.write(json.dumps(another) + "\n")
    service = ScriptedService()
    report = run(file, click_event, service, resume=True)
    assert service.events == some(4, 5, 6, 7, 8, 9)
    assert listed(file) == [(1, good(0).decode().strip()), (99, "x")]
    assert report.resumed
    assert (report.resumed.sent, report.sent, report.failed) == (3, 6, 1)


def test_an_interruption_leaves_a_checkpoint(file: Path, click_event: EventContract) -> None:
    stop = threading.Event()

    def interrupted(records: Sequence[bytes]) -> list[Refusal | None]:
        stop.set()
        return [None] * len(records)

    service = ScriptedService([interrupted])
    report = run(file, click_event, service, stop=stop)
    assert (report.interrupted, service.events) == (True, some(0, 1, 2, 3, 4))
    service = ScriptedService()
    report = run(file, click_event, service, resume=True)
    assert service.events == some(5, 6, 7, 8, 9)
    assert report.resumed
    assert report.resumed.in_doubt == 0


def test_a_stream_that_accepts_nothing_leaves_a_checkpoint(file: Path, click_event: EventContract) -> None:
    assert run(file, click_event, ScriptedService([all_accepted, refuse_all, refuse_all])).stopped
    service = ScriptedService()
    report = run(file, click_event, service, resume=True)
    assert service.events == some(9)
    assert [line for line, _ in listed(file)] == [5, 6, 7, 8, 9]
    assert report.resumed
    assert (report.resumed.sent, report.resumed.failed, report.is_complete) == (4, 5, False)


def test_a_file_that_was_sent_in_part_is_not_sent_again_by_accident(
    file: Path, click_event: EventContract
) -> None:
    kill(file, click_event, ScriptedService([all_accepted, killed]))
    assert refusal(file, click_event) == (
        f"{file} was sent in part, to Firehose delivery stream 'clicks' (eu-west-1): "
        "4 events are confirmed; --resume sends the rest, --no-resume sends all again"
    )
    service = ScriptedService()
    assert run(file, click_event, service, resume=False).sent == len(service.events) == 10


def test_a_file_of_which_nothing_was_sent_needs_no_decision(file: Path, click_event: EventContract) -> None:
    assert run(file, click_event, ScriptedService([refuse_all, refuse_all])).stopped
    assert run(file, click_event, ScriptedService()).sent == 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.write_bytes(file.read_bytes() + good(10)), "has changed since, from"),
        (lambda file: file.write_bytes(file.read_bytes().replace(b"e0", b"eX")), "part that was read is not"),
    ],
    ids=["longer", "another beginning"],
)
def test_a_changed_file_is_refused(
    file: Path, click_event: EventContract, change: Callable[[Path], object], said: str
) -> None:
    kill(file, click_event, ScriptedService([all_accepted, killed]))
    change(file)
    problem = refusal(file, click_event, resume=True)
    assert said in problem
    assert f"cannot resume {file}" in problem
    assert problem.endswith("--no-resume sends all of it")


def test_another_target_or_contract_is_refused(file: Path, click_event: EventContract) -> None:
    kill(file, click_event, ScriptedService([all_accepted, killed]))
    another = Target(kind="kinesis", name="orders", region="eu-west-1")
    assert (
        "was sent to Firehose delivery stream 'clicks' (eu-west-1), and this is Kinesis stream 'orders'"
        in refusal(file, click_event, resume=True, target=another)
    )
    changed = replace(click_event, schema={**click_event.schema, "title": "another"})
    assert "the contract has changed" in refusal(file, changed, resume=True)


@pytest.mark.parametrize("content", ["", "[]", '{"version": 0}', '{"version": 1, "more": 1}', "{"])
def test_an_unreadable_checkpoint_is_refused(file: Path, click_event: EventContract, content: str) -> None:
    file.with_name("events.ndjson.checkpoint").write_text(content)
    for resume in (True, None):
        assert "cannot read the checkpoint" in refusal(file, click_event, resume=resume)
    assert run(file, click_event, ScriptedService(), resume=False).sent == 10


def test_a_file_is_not_sent_twice_at_a_time(file: Path, click_event: EventContract) -> None:
    with checkpoint_of(file, click_event):
        assert refusal(file, click_event, resume=True) == f"{file} is being sent by another process"


def test_what_is_settled_is_not_paced(file: Path, click_event: EventContract, clock: Clock) -> None:
    kill(file, click_event, ScriptedService([all_accepted, all_accepted, killed]))
    with checkpoint_of(file, click_event, resume=True) as checkpoint:
        started = clock.now
        left = [found for found in paced(checkpoint.documents(), rate=0.5) if found]
    assert len(left) == 2
    assert clock.now - started == pytest.approx(2)


def test_only_the_documents_of_the_checkpoint_can_be_sent(file: Path, click_event: EventContract) -> None:
    """Those of the input would be counted wrongly, and be lost at the next kill."""
    with (
        checkpoint_of(file, click_event) as checkpoint,
        open_input(str(file)) as opened,
        checkpoint.rejects_file(file.with_name("rejects")) as rejects,
        pytest.raises(ValueError, match=r"send checkpoint\.documents\(\)"),
    ):
        send(
            opened.documents(),
            contract=click_event,
            target=TARGET,
            rejects=rejects,
            options=OPTIONS,
            checkpoint=checkpoint,
            service=ScriptedService(),
        )
