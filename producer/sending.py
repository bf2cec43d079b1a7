"""The producer's main job: lines in, records out, an account of every one of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from contract import EventContract
from producer.checking import Checker
from producer.delivery import RetryPolicy
from producer.lines import Line
from producer.packing import RECORD_KIB, Packer
from producer.rejects import RejectsFile
from producer.report import Report
from producer.run import OnProgress, OnSent, Run
from producer.service import Service, connected
from producer.target import LIMITS, Target


@dataclass(frozen=True, kw_only=True)
class SendOptions:
    """Options of a sending; the defaults suit a file as well as a trickle.

    `linger_seconds` is how long an event waits for company before it is sent.
    """

    record_bytes: int = RECORD_KIB * 1024
    linger_seconds: float = 1.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)


def send(
    lines: Iterable[Line | None],
    *,
    contract: EventContract,
    target: Target | None,
    rejects: RejectsFile,
    options: SendOptions | None = None,
    stop: threading.Event | None = None,
    on_sent: OnSent | None = None,
    on_progress: OnProgress | None = None,
    service: Service | None = None,
) -> Report:
    """Send every line that is an event to `target`, and write every other one to `rejects`.

    Args:
        lines: what `open_input(…).lines()`, `generate` or `paced` give; None means "nothing new for now".
        contract: what an event is.
        target: where events go; None checks and packs them, and sends nothing.
        rejects: where the others go; the caller closes it.
        options: how to send.
        stop: set it to end early: what has been read is still offered once, nothing more is read.
        on_sent: told which events were taken, after every call.
        on_progress: told how far it has got.
        service: the way to the target; found from the target itself when left out.

    Returns:
        An account of all lines, also when it could not go on to the end: see `Report.stopped`.

    Raises:
        ValueError: the contract or the options make no sense.
        TargetError: the target's region or endpoint makes no sense.
    """
    options = options or SendOptions()
    limits = LIMITS[target.kind if target else "firehose"]
    checker = Checker(contract, max_bytes=limits.bytes_per_record)
    packer = Packer(limits, record_bytes=options.record_bytes)
    with connected(target) if target and not service else nullcontext(service) as way:
        run = Run(
            checker=checker,
            packer=packer,
            rejects=rejects,
            service=way if target else None,
            retry=options.retry,
            linger_seconds=options.linger_seconds,
            stop=stop or threading.Event(),
            on_sent=on_sent,
            on_progress=on_progress,
        )
        return run.of(lines)
