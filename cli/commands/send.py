"""`clickstream send`: events from a file, a pipe or thin air into the stream of an environment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import producer
from cli.aws_client import shell_region
from cli.options import AsJson, Env
from cli.output import CommandError, errors, print_json, results
from contract import EventContract
from producer import EventInput, Line, OnProgress, ProducerError, RejectsFile, Report, SendOptions, Target

ResolveTarget = Callable[[str, str], Target]
"""Finds an environment's stream for a kind of event; raises CommandError, saying what to do, when there is none."""
LoadContract = Callable[[str, str], EventContract]
"""Reads what an environment says an event of some kind is; raises CommandError when it knows no such kind."""

_HELP = """Send click events to an environment: those of a file or a pipe, or made-up ones.

Every line is checked against the contract. What is no event, and what the stream did not take, goes to the \
rejects file with line number and reason; all the rest is sent. Delivery is at least once.

\b
Examples
clickstream send events.ndjson.gz                 a file, plain or gzip
clickstream send --count 1000 --seed 7            the same 1,000 every time
clickstream send --rate 20 --env dev            20 a second until Ctrl-C
tail -f events.ndjson | clickstream send -        lines as they come
clickstream send events.ndjson --dry-run          check, send nothing
jq -r .event rejects.ndjson | clickstream send -  send again what failed

\b
Exit codes
0    every line was sent
1    nothing could be done: no such file, no events, no such stream
2    wrong usage
3    some lines were rejected or not sent; the others were
130  interrupted; what had been read by then was sent
"""

NOTHING_DONE, USAGE, SOME_NOT_SENT, INTERRUPTED = 1, 2, 3, 130

File = Annotated[
    str | None,
    typer.Argument(metavar="[FILE|-]", help="Events, one JSON object a line, plain or gzip; - is stdin."),
]
Count = Annotated[int | None, typer.Option(min=1, help="Make up this many events instead of reading any.")]
Rate = Annotated[float | None, typer.Option(help="Events a second.", show_default="as fast as possible")]
Seed = Annotated[int | None, typer.Option(help="Make up the same events every time, ids included.")]
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
RecordKib = Annotated[int, typer.Option(min=1, max=1000, help="KiB of events to gather in one record.")]
Events = Annotated[
    str, typer.Option("--events", help="Which kind of event, where the environment has more than one.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and pack the events; send nothing.")]


def register(app: typer.Typer, *, resolve_target: ResolveTarget, load_contract: LoadContract) -> None:
    """Add `send` to the command line, and how it learns what an environment's events are and where they go."""

    @app.command(help=_HELP)
    def send(
        file: File = None,
        count: Count = None,
        rate: Rate = None,
        seed: Seed = None,
        env: Env = "local",
        events: Events = "clicks",
        stream: Stream = None,
        delivery_stream: DeliveryStream = None,
        rejects: Rejects = None,
        record_kib: RecordKib = producer.RECORD_KIB,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        """Send click events to an environment; see the help text for what people are told."""
        _check_usage(file, count, rate, seed, stream, delivery_stream)
        options = SendOptions(record_bytes=record_kib * 1024)
        try:
            event = load_contract(env, events)
            with _source(event, file, count, rate, seed) as source, _rejects_file(rejects, file) as kept:
                named = _named_target(stream, delivery_stream)
                target = None if dry_run else named or resolve_target(env, events)
                report = _send(source, event, target, kept, options)
        except (ProducerError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        _print(report, target, kept.path, as_json)
        _exit(report, source.name)


class _Source:
    """Where lines come from, and how far along they are."""

    def __init__(
        self,
        event: EventContract,
        opened: EventInput | None,
        count: int | None,
        rate: float | None,
        seed: int | None,
    ) -> None:
        self.name = opened.name if opened else "the generator"
        self.total = opened.size if opened else count
        self._opened = opened
        lines: Iterator[Line | None] = (
            opened.lines() if opened else producer.generate(event, count=count, rate=rate, seed=seed)
        )
        self.lines = lines if rate is None else producer.paced(lines, rate)

    def done(self, report: Report) -> int:
        """How much of `total` has been read."""
        return self._opened.position if self._opened else report.read


@contextmanager
def _source(
    event: EventContract, file: str | None, count: int | None, rate: float | None, seed: int | None
) -> Iterator[_Source]:
    if file is None:
        yield _Source(event, None, count, rate, seed)
        return
    with producer.open_input(file) as opened:
        yield _Source(event, opened, count, rate, seed)


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
        problem = "name a FILE (- is stdin), or ask for made-up events with --count or --rate"
    elif file is not None and (count is not None or seed is not None):
        problem = "--count and --seed are for made-up events; leave them out when a FILE is named"
    elif rate is not None and not rate > 0:
        problem = f"--rate must be above 0 events a second, got {rate}"
    elif stream and delivery_stream:
        problem = "--stream and --delivery-stream exclude each other; events go to one of them"
    if problem:
        raise typer.BadParameter(problem)


def _named_target(stream: str | None, delivery_stream: str | None) -> Target | None:
    name = stream or delivery_stream
    if name is None:
        return None
    region = shell_region()
    if not region:
        raise CommandError(
            "no AWS region is set; set AWS_REGION, or name one in ~/.aws/config", exit_code=USAGE
        )
    return Target(kind="kinesis" if stream else "firehose", name=name, region=region)


def _rejects_file(path: Path | None, file: str | None) -> RejectsFile:
    path = path or Path(f"clickstream-rejects-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.ndjson")
    if file and path.exists() and Path(file).exists() and path.samefile(file):
        raise CommandError(f"--rejects {path} is the file that is read; name another", exit_code=USAGE)
    return RejectsFile(path)


def _send(
    source: _Source, event: EventContract, target: Target | None, rejects: RejectsFile, options: SendOptions
) -> Report:
    with _stop_on_signals() as stop, _progress(source) as on_progress:
        return producer.send(
            source.lines,
            contract=event,
            target=target,
            rejects=rejects,
            options=options,
            stop=stop,
            on_progress=on_progress,
        )


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """The first Ctrl-C (or SIGTERM) stops reading and prints the summary; the second ends it all."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, former[number])

    former = {int(number): signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _progress(source: _Source) -> Iterator[OnProgress | None]:
    if not errors.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("reading", total=source.total)

        def show(report: Report) -> None:
            progress.update(
                task,
                completed=source.done(report),
                description=f"{report.read:,} read, {report.sent:,} sent, {report.rejected:,} rejected",
            )

        yield show


def _print(report: Report, target: Target | None, rejects: Path, as_json: bool) -> None:
    left = report.rejected + report.failed
    if as_json:
        summary = {"read": report.read, **asdict(report), "seconds": round(report.seconds, 3)}
        where = {"kind": target.kind, "name": target.name, "region": target.region} if target else None
        print_json({**summary, "target": where, "rejects": str(rejects) if left else None})
        return
    table = Table.grid(padding=(0, 2))
    if target:
        table.add_row("to", escape(str(target)))
        table.add_row("sent", f"{report.sent:,} events")
        table.add_row("retried", f"{report.retried:,}")
        table.add_row("failed", f"{report.failed:,}")
    else:
        table.add_row("valid", f"{report.valid:,} events (dry run: nothing sent)")
    table.add_row(
        "rejected", f"{report.rejected:,}" + (f" ({report.blank:,} blank lines skipped)" * bool(report.blank))
    )
    table.add_row("in", f"{report.records:,} records, {report.calls:,} calls, {report.bytes / 1e6:,.1f} MB")
    table.add_row("took", f"{report.seconds:,.2f} s")
    if left:
        table.add_row("see", escape(str(rejects)))
    results.print(table)


def _exit(report: Report, source: str) -> None:
    """Tell scripts, by exit code, and people, by message, whether anything is left to do."""
    if report.interrupted:
        errors.print(f"interrupted after line {report.last_line:,}", markup=False)
        raise typer.Exit(INTERRUPTED)
    if report.stopped:
        stopped = f"{report.stopped} (stopped after line {report.last_line:,})"
        useless = not (report.sent or report.dry_run)
        raise CommandError(stopped, exit_code=NOTHING_DONE if useless else SOME_NOT_SENT)
    if not report.read:
        blank = f" ({report.blank:,} blank lines)" if report.blank else ""
        raise CommandError(f"no events in {source}{blank}", exit_code=NOTHING_DONE)
    if not report.is_complete:
        raise typer.Exit(SOME_NOT_SENT)
