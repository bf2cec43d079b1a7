"""A program that sends events in processes that are killed at some line of the producer's code.

`python -m tests.unit.producer.killed resumed|spooled FOLDER SEED…` resumes a file, or sends batches with a spool, and
prints one line of JSON for each seed. Each kill is a SIGKILL that the process sends to itself, so that the same seed is
killed at the same lines.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import contract
import producer
from producer import (
    Checkpoint,
    RejectsFile,
    RetryPolicy,
    SendOptions,
    Spool,
    Target,
    TargetError,
    open_input,
    send,
)
from producer.service import Refusal
from producer.target import Limits
from tests.unit.producer.conftest import documents_of

TARGET = Target(kind="firehose", name="clicks", region="eu-west-1")
OPTIONS = SendOptions(
    record_bytes=200, retry=RetryPolicy(attempts=3, base_seconds=1e-6, cap_seconds=1e-6, total_seconds=10)
)
BUSY = Refusal("ServiceUnavailableException", "slow down")
CONTRACT = contract.load()
CODE = str(Path(producer.__file__).parent)


class LoggingService:
    """Accepts a part of the records, and writes them to a file that outlives the process."""

    def __init__(self, log: Path, seed: float, *, accepts: bool = False) -> None:
        self._log = log
        self._accepts = accepts
        self._rng = random.Random(seed)  # noqa: S311 - no secret

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        if not self._accepts and self._rng.random() < 0.02:
            raise TargetError("the login has expired")
        most = 0 if self._accepts else self._rng.choice([0, 0.2, 0.9])
        answers = [BUSY if self._rng.random() < most else None for _ in records]
        with self._log.open("ab") as log:
            log.writelines(
                data + b"\n" for data, refusal in zip(records, answers, strict=True) if not refusal
            )
        return answers


def killed_at(line: int) -> Callable[..., Any]:
    """A trace function that kills the process at the given line of the producer's code, counted as they run."""
    left = line

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        return count if frame.f_code.co_filename.startswith(CODE) else None

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return count

    return trace


def send_once(folder: Path, service: LoggingService) -> None:
    """Send the rest of the input, and write the report."""
    with (
        open_input(str(folder / "events")) as opened,
        Checkpoint(opened, target=TARGET, contract=CONTRACT, resume=True) as checkpoint,
        checkpoint.rejects_file(folder / "rejects") as rejects,
    ):
        report = send(
            checkpoint.documents(),
            contract=CONTRACT,
            target=TARGET,
            rejects=rejects,
            options=OPTIONS,
            checkpoint=checkpoint,
            service=service,
        )
        earlier = vars(report.resumed) if report.resumed else dict.fromkeys(("sent", "rejected", "failed"), 0)
        totals = {key: earlier[key] + getattr(report, key) for key in ("sent", "rejected", "failed")}
        totals["in_doubt"] = earlier.get("in_doubt", 0)
        (folder / "report").write_text(json.dumps(totals))


def send_batch(folder: Path, service: LoggingService, batch: int) -> None:
    """Send ten events with a spool, and write the report."""
    with (
        Spool(folder / "spool", max_bytes=64 * 1024) as spool,
        RejectsFile(folder / "rejects") as rejects,
    ):
        report = send(
            documents_of(b"".join(event(10 * batch + number) for number in range(10))),
            contract=CONTRACT,
            target=TARGET,
            rejects=rejects,
            options=OPTIONS,
            spool=spool,
            service=service,
        )
    (folder / f"report-{batch}").write_text(json.dumps({"read": report.read, "spooled": report.spooled}))


def in_a_process(work: Callable[[], None], trace: Callable[..., Any] | None) -> int:
    """Run `work` in a fork; return how it ended, as os.wait does."""
    child = os.fork()
    if not child:
        try:
            sys.settrace(trace)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(child, 0)[1]


def spooled(folder: Path, seed: int) -> dict[str, Any]:
    """Kill one batch of two; let the last ones drain the spool."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    kills = 0
    for batch in range(10):
        service = LoggingService(folder / "log", seed=rng.random(), accepts=batch > 7)
        line = rng.randint(1, 1_500) if batch % 2 else None
        status = in_a_process(
            partial(send_batch, folder, service, batch), killed_at(line) if line and batch < 8 else None
        )
        kills += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return {"seed": seed, "kills": kills}


def resumed(folder: Path, seed: int) -> dict[str, Any]:
    """Kill and resume until all is sent; return the last report, and the number of kills."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    (folder / "events").write_bytes(content_of(rng, seed))
    kills = 0
    while True:
        line = rng.randint(1, 3_000) if kills < 6 else None
        service = LoggingService(folder / "log", seed=rng.random())
        status = in_a_process(partial(send_once, folder, service), killed_at(line) if line else None)
        kills += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        # A process that is killed after it has removed the checkpoint was done: its report is there.
        if (folder / "report").exists() and not (folder / "events.checkpoint").exists():
            return {**json.loads((folder / "report").read_text()), "seed": seed, "kills": kills}


def content_of(rng: random.Random, seed: int) -> bytes:
    """Events and texts that are none: a line each, in an array, over several lines, or several in a line; or gzip."""
    events = [event(number) for number in range(rng.randint(20, 60))]
    match seed % 4:
        case 0:
            return b"\n".join(rng.choice([one, one, b"oops %d\n" % n + one]) for n, one in enumerate(events))
        case 1:
            return gzip.compress(b"\n".join([*events, b'{"event_id": "no type"}', b"oops"]), mtime=0)
        case 2:
            return b"[" + b",".join([*events[:20], b'{"event_id": 7}', *events[20:]]) + b"]"
        case _:
            return b"".join(
                rng.choice([one, json.dumps(json.loads(one), indent=2).encode()]) for one in events
            )


def event(number: int) -> bytes:
    """A valid event."""
    return b'{"event_id":"e%d","event_type":"click","timestamp":"2026-11-22T10:15:30Z"}' % number


if __name__ == "__main__":
    limits = {TARGET.kind: Limits(records_per_call=5, bytes_per_call=1024**2, bytes_per_record=1024**2)}
    work = {"resumed": resumed, "spooled": spooled}[sys.argv[1]]
    with patch("producer.sending.LIMITS", limits), patch("producer.backlog.LIMITS", limits):
        for given in sys.argv[3:]:
            own = Path(sys.argv[2], given)
            own.mkdir()
            print(json.dumps(work(own, int(given))), flush=True)
