"""The producer's main function: read documents, send records, report on each."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from contract import EventContract, Found, Unlisted
from producer.checking import DocumentChecker
from producer.checkpoint import Checkpoint
from producer.delivery import RetryPolicy
from producer.packing import RECORD_KIB, Packer
from producer.rejects import RejectsFile
from producer.report import Report
from producer.run import OnProgress, OnSent, Run
from producer.service import Service, connected
from producer.spool import Spool
from producer.target import LIMITS, Target


@dataclass(frozen=True, kw_only=True)
class SendOptions:
    """Options for sending; the defaults suit files as well as slow streams.

    Attributes:
        record_bytes: the most that is packed into one record.
        linger_seconds: how long an event waits for others to fill its record.
        unlisted: the fate of fields that the contract does not list, which decides about their names.
        retry: when to send again what was refused.
    """

    record_bytes: int = RECORD_KIB * 1024
    linger_seconds: float = 1.0
    unlisted: Unlisted = "folded"
    retry: RetryPolicy = field(default_factory=RetryPolicy)


def send(
    documents: Iterable[Found | None],
    *,
    contract: EventContract,
    target: Target | None,
    rejects: RejectsFile,
    options: SendOptions | None = None,
    checkpoint: Checkpoint | None = None,
    spool: Spool | None = None,
    stop: threading.Event | None = None,
    on_sent: OnSent | None = None,
    on_progress: OnProgress | None = None,
    service: Service | None = None,
) -> Report:
    """Send every event to `target`, and write all else to `rejects`.

    Args:
        documents: from `open_input(…).documents()`, `checkpoint.documents()`, `generate` or `paced`; None means
            "nothing new for now".
        contract: the contract of the events.
        target: the stream to send to; None checks and packs the events, and sends nothing.
        rejects: the file for all else; the caller closes it.
        options: the options.
        checkpoint: of the file whose documents these are, so that another run can send the rest after a kill; the
            caller closes it.
        spool: keeps what the stream refuses for longer than the retries last, instead of `rejects`, and is drained as
            soon as the stream accepts events again, or by the next run; the caller closes it.
        stop: set it to end early: what was read is sent without retries, no more is read.
        on_sent: called with the accepted events, after every call.
        on_progress: called with the progress.
        service: the connection to the target; opened when left out.

    Returns:
        A report on everything, also if it ended early: see `Report.stopped`.

    Raises:
        ValueError: the contract or the options are invalid.
        SpoolError: the spool has events of another target.
        TargetError: the target's region or endpoint is invalid.
    """
    if checkpoint and spool:
        raise ValueError("a file with a checkpoint needs no spool: what is not sent can be resumed")
    options = options or SendOptions()
    limits = LIMITS[target.kind if target else "firehose"]
    checker = DocumentChecker(contract, max_bytes=limits.bytes_per_record, unlisted=options.unlisted)
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
            checkpoint=checkpoint,
            spool=spool,
            target=target,
        )
        return run.of(documents)
