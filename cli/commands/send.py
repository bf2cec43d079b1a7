"""`clickstream send`: send events from a file, a pipe or a generator to an environment's stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Env
from cli.output import CommandError, note
from cli.send_output import USAGE, exit_with, print_summary, progress
from cli.signals import stop_on_signals

if TYPE_CHECKING:
    from contract import EventContract, Found, Unlisted
    from producer import Checkpoint, EventInput, RejectsFile, Report, Spool, Target

File = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE|-]",
        help="JSON events: one a line, in an array or over several lines, plain or gzip; - is stdin.",
    ),
]
Count = Annotated[int | None, typer.Option(min=1, help="Generate this many events instead of reading any.")]
Rate = Annotated[float | None, typer.Option(help="Events a second.", show_default="as fast as possible")]
Seed = Annotated[int | None, typer.Option(help="Generate the same events every time, including ids.")]
Stream = Annotated[str | None, typer.Option(help="Send to this Kinesis stream, not the environment's.")]
DeliveryStream = Annotated[
    str | None, typer.Option(help="Send to this Firehose delivery stream, not the environment's.")
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        help="Append what is not sent to this file.", show_default="clickstream-rejects-<time>.ndjson"
    ),
]
RecordKib = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="KiB of events to pack into one record.", show_default="64"),
]
Events = Annotated[str, typer.Option("--events", help="The kind of event, if the environment has several.")]
Resume = Annotated[
    bool | None,
    typer.Option(
        "--resume/--no-resume",
        help="Send the rest of a FILE whose sending was killed or interrupted; --no-resume sends all of it again.",
        show_default="refuse a FILE that was sent in part",
    ),
]
SpoolFile = Annotated[
    Path | None,
    typer.Option(
        "--spool",
        metavar="SPOOL",
        help="Keep what the stream refuses for long in this file instead of stopping, and send it later.",
    ),
]
SpoolMib = Annotated[
    int | None, typer.Option(min=1, help="The most MiB that --spool may hold.", show_default="1024")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and pack the events; send nothing.")]


def send(
    file: File = None,
    count: Count = None,
    rate: Rate = None,
    seed: Seed = None,
    env: Env = DEFAULT_ENV,
    events: Events = "clicks",
    stream: Stream = None,
    delivery_stream: DeliveryStream = None,
    rejects: Rejects = None,
    record_kib: RecordKib = None,
    resume: Resume = None,
    spool: SpoolFile = None,
    spool_mib: SpoolMib = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send events to an environment.

    They come from a file or a pipe, or are generated. Each is checked as the event gate checks it: against the
    contract, and for values that a row cannot hold. What is no event, and events that the stream did not accept, are
    written to the rejects file with line number and reason; all others are sent. Delivery is at least once.

    While a FILE is sent, FILE.checkpoint says how far. If the command is killed or interrupted, run it again with
    --resume: it sends the rest and continues the rejects file. Only the events of the call that was under way may be
    sent twice; the summary says how many at most. A FILE that has changed since, another stream or another contract
    is refused. The checkpoint is removed when everything is sent.

    Events from a pipe cannot be read again. With --spool, those that the stream refuses for longer than the retries
    last wait in a file until it accepts them, or for the next send with that --spool; what no longer fits goes into
    the rejects file.

    \b
    Examples
    clickstream send events.ndjson.gz                 a file, plain or gzip
    clickstream send --count 1000 --seed 7            the same 1,000 every time
    clickstream send --rate 20 --env dev              20 a second until Ctrl-C
    tail -F events.ndjson | clickstream send - --spool clicks.spool   lines as they come
    clickstream send events.ndjson --dry-run          check, send nothing
    clickstream send events.ndjson --resume           the rest, after a kill or Ctrl-C
    jq -r .event rejects.ndjson | clickstream send -  send again what failed

    \b
    Exit codes
    0    every event was sent
    1    nothing could be done: no such file, no events, no such stream, sent in part or changed since
    2    wrong usage
    3    some were rejected, not sent or spooled; the others were sent
    130  interrupted; what had been read by then was sent, and --resume sends the rest of a FILE
    """
    import contract
    import producer
    from cli.deployment import Deployment, event_stream, load_env

    _check_usage(file, count, rate, seed, stream, delivery_stream)
    _check_way(file, resume=resume, spool=spool, spool_mib=spool_mib, dry_run=dry_run)
    config = load_env(env)
    kind = event_stream(config, events)
    try:
        event = contract.load(kind.contract)
        with ExitStack() as stack:
            source = stack.enter_context(_source(event, file, count, rate, seed))
            target = None
            if not dry_run:
                target = _named_target(stream, delivery_stream) or Deployment.of(env).front_door(kind)
            checkpoint = stack.enter_context(_checkpoint(source, target, event, config.unlisted, resume))
            kept = stack.enter_context(_rejects_file(rejects, file, checkpoint))
            waiting = stack.enter_context(_spool(spool, spool_mib))
            with stop_on_signals() as stop, progress(source.total, source.done) as on_progress:
                documents = checkpoint.documents() if checkpoint else source.documents
                report = producer.send(
                    documents if rate is None else producer.paced(documents, rate),
                    contract=event,
                    target=target,
                    rejects=kept,
                    options=producer.SendOptions(
                        record_bytes=(record_kib or producer.RECORD_KIB) * 1024, unlisted=config.unlisted
                    ),
                    checkpoint=checkpoint,
                    spool=waiting,
                    stop=stop,
                    on_progress=on_progress,
                )
            # Before the checkpoint is removed: a kill until then costs nothing.
            print_summary(report, target, kept, spool, as_json=as_json)
    except ValueError as error:  # the contract is not usable
        raise CommandError(str(error), exit_code=USAGE) from None
    exit_with(report, source.name, can_resume=checkpoint is not None and checkpoint.path.exists())


@dataclass(frozen=True)
class _Source:
    """A source of lines: its size, and how much of it has been read."""

    name: str
    documents: Iterator[Found | None]
    total: int | None
    done: Callable[[Report], int]
    opened: EventInput | None = None


@contextmanager
def _source(
    event: EventContract, file: str | None, count: int | None, rate: float | None, seed: int | None
) -> Iterator[_Source]:
    import producer

    if file is None:
        generated = producer.generate(event, count=count, rate=rate, seed=seed)
        yield _Source("the generator", generated, count, lambda report: report.read)
        return
    with producer.open_input(file) as opened:
        yield _Source(opened.name, opened.documents(), opened.size, lambda _: opened.position, opened)


def _check_usage(
    file: str | None,
    count: int | None,
    rate: float | None,
    seed: int | None,
    stream: str | None,
    delivery_stream: str | None,
) -> None:
    problem = None
    if file is None and count is None and rate is None:
        problem = "name a FILE (- is stdin), or generate events with --count or --rate"
    elif file is not None and (count is not None or seed is not None):
        problem = "--count and --seed are for generated events; leave them out when a FILE is named"
    elif rate is not None and not rate > 0:
        problem = f"--rate must be above 0 events a second, got {rate}"
    elif stream and delivery_stream:
        problem = "--stream and --delivery-stream exclude each other; events go to one of them"
    if problem:
        raise typer.BadParameter(problem)


def _check_way(
    file: str | None, *, resume: bool | None, spool: Path | None, spool_mib: int | None, dry_run: bool
) -> None:
    problem = None
    if resume and file in (None, "-"):
        problem = "--resume needs a FILE: stdin and generated events cannot be read a second time"
    elif spool and file not in (None, "-"):
        problem = "--spool is for stdin and generated events; what is not sent of a FILE, --resume sends"
    elif spool_mib and not spool:
        problem = "--spool-mib needs --spool"
    elif dry_run and (resume or spool):
        problem = (
            f"--{'resume' if resume else 'spool'} and --dry-run exclude each other; a dry run sends nothing"
        )
    if problem:
        raise typer.BadParameter(problem)


def _named_target(stream: str | None, delivery_stream: str | None) -> Target | None:
    name = stream or delivery_stream
    if name is None:
        return None
    from cli.deployment import shell_region
    from producer import Target

    region = shell_region()
    if not region:
        raise CommandError(
            "no AWS region is set; set AWS_REGION, or name one in ~/.aws/config", exit_code=USAGE
        )
    return Target(kind="kinesis" if stream else "firehose", name=name, region=region)


def _checkpoint(
    source: _Source, target: Target | None, event: EventContract, unlisted: Unlisted, resume: bool | None
) -> AbstractContextManager[Checkpoint | None]:
    """The checkpoint of a file that is sent; None for all else, and in a folder that cannot be written."""
    if target is None or source.opened is None or source.opened.size is None:
        if resume:
            raise CommandError(
                f"--resume needs a file: {source.name} cannot be read a second time", exit_code=USAGE
            )
        return nullcontext()
    if not resume and not os.access(Path(source.name).absolute().parent, os.W_OK):
        note(
            f"the folder of {source.name} cannot be written: without a checkpoint there, --resume will not work"
        )
        return nullcontext()
    import producer

    checkpoint = producer.Checkpoint(
        source.opened, target=target, contract=event, unlisted=unlisted, resume=resume
    )
    if resume and not checkpoint.resumed:
        note(f"nothing to resume: there is no {checkpoint.path}; sending all of {source.name}")
    return checkpoint


def _spool(path: Path | None, mib: int | None) -> AbstractContextManager[Spool | None]:
    if path is None:
        return nullcontext()
    import producer

    return producer.Spool(path, max_bytes=(mib or producer.SPOOL_MIB) * 1024**2)


def _rejects_file(path: Path | None, file: str | None, checkpoint: Checkpoint | None) -> RejectsFile:
    begun = checkpoint.rejects if checkpoint else None
    if begun and path and path.resolve() != begun:
        raise CommandError(
            f"--resume continues the rejects file {begun}; leave --rejects out", exit_code=USAGE
        )
    path = path or Path(f"clickstream-rejects-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.ndjson")
    if file and path.exists() and Path(file).exists() and path.samefile(file):
        raise CommandError(f"--rejects {path} is the input file; name another", exit_code=USAGE)
    if checkpoint:
        return checkpoint.rejects_file(path)
    from producer import RejectsFile

    return RejectsFile(path)
