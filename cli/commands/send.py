"""`clickstream send`: send events from a file, a pipe or a generator to an environment's stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Env
from cli.output import CommandError, errors, note, print_columns, print_json
from cli.signals import stop_on_signals

if TYPE_CHECKING:
    from contract import EventContract, Found
    from producer import OnProgress, RejectsFile, Report, Target

NOTHING_DONE, USAGE, SOME_NOT_SENT, INTERRUPTED = 1, 2, 3, 130

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
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send events to an environment.

    They come from a file or a pipe, or are generated. Each is checked as the event gate checks it: against the
    contract, and for values that a row cannot hold. What is no event, and events that the stream did not accept, are
    written to the rejects file with line number and reason; all others are sent. Delivery is at least once.

    \b
    Examples
    clickstream send events.ndjson.gz                 a file, plain or gzip
    clickstream send --count 1000 --seed 7            the same 1,000 every time
    clickstream send --rate 20 --env dev              20 a second until Ctrl-C
    tail -f events.ndjson | clickstream send -        lines as they come
    clickstream send events.ndjson --dry-run          check, send nothing
    jq -r .event rejects.ndjson | clickstream send -  send again what failed

    \b
    Exit codes
    0    every event was sent
    1    nothing could be done: no such file, no events, no such stream
    2    wrong usage
    3    some were rejected or not sent; the others were sent
    130  interrupted; what had been read by then was sent
    """
    import contract
    import producer
    from cli.deployment import Deployment, event_stream, load_env

    _check_usage(file, count, rate, seed, stream, delivery_stream)
    config = load_env(env)
    kind = event_stream(config, events)
    try:
        event = contract.load(kind.contract)
        with _source(event, file, count, rate, seed) as source, _rejects_file(rejects, file) as kept:
            target = None
            if not dry_run:
                target = _named_target(stream, delivery_stream) or Deployment.of(env).front_door(kind)
            with stop_on_signals() as stop, _progress(source) as on_progress:
                report = producer.send(
                    source.documents,
                    contract=event,
                    target=target,
                    rejects=kept,
                    options=producer.SendOptions(
                        record_bytes=(record_kib or producer.RECORD_KIB) * 1024, unlisted=config.unlisted
                    ),
                    stop=stop,
                    on_progress=on_progress,
                )
    except ValueError as error:  # the contract is not usable
        raise CommandError(str(error), exit_code=USAGE) from None
    _print(report, target, kept, as_json)
    _exit(report, source.name)


@dataclass(frozen=True)
class _Source:
    """A source of lines: its size, and how much of it has been read."""

    name: str
    documents: Iterator[Found | None]
    total: int | None
    done: Callable[[Report], int]


@contextmanager
def _source(
    event: EventContract, file: str | None, count: int | None, rate: float | None, seed: int | None
) -> Iterator[_Source]:
    import producer

    def paced(found: Iterator[Found | None]) -> Iterator[Found | None]:
        return found if rate is None else producer.paced(found, rate)

    if file is None:
        made_up = producer.generate(event, count=count, rate=rate, seed=seed)
        yield _Source("the generator", paced(made_up), count, lambda report: report.read)
        return
    with producer.open_input(file) as opened:
        yield _Source(opened.name, paced(opened.documents()), opened.size, lambda _: opened.position)


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


def _rejects_file(path: Path | None, file: str | None) -> RejectsFile:
    path = path or Path(f"clickstream-rejects-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.ndjson")
    if file and path.exists() and Path(file).exists() and path.samefile(file):
        raise CommandError(f"--rejects {path} is the input file; name another", exit_code=USAGE)
    from producer import RejectsFile

    return RejectsFile(path)


@contextmanager
def _progress(source: _Source) -> Iterator[OnProgress | None]:
    if not errors().is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors(), transient=True) as progress:
        task = progress.add_task("reading", total=source.total)

        def show(report: Report) -> None:
            progress.update(
                task,
                completed=source.done(report),
                description=f"{report.read:,} read, {report.sent:,} sent, {report.rejected:,} rejected",
            )

        yield show


def _print(report: Report, target: Target | None, rejects: RejectsFile, as_json: bool) -> None:
    left = report.rejected + report.failed
    if as_json:
        summary = {"read": report.read, **asdict(report), "seconds": round(report.seconds, 3)}
        where = {"kind": target.kind, "name": target.name, "region": target.region} if target else None
        print_json({**summary, "target": where, "rejects": str(rejects.path) if left else None})
        return
    if target:
        lines = [
            ("to", str(target)),
            ("sent", f"{report.sent:,} events"),
            ("retried", f"{report.retried:,}"),
            ("failed", f"{report.failed:,}"),
        ]
    else:
        lines = [("valid", f"{report.valid:,} events (dry run: nothing sent)")]
    lines += [
        ("rejected", f"{report.rejected:,}"),
        ("in", f"{report.records:,} records, {report.calls:,} calls, {report.bytes / 1e6:,.1f} MB"),
        ("took", f"{report.seconds:,.2f} s"),
    ]
    lines += [(f"line {line:,}", reason) for line, reason in rejects.first]
    if left:
        lines.append(("see", str(rejects.path)))
    print_columns(lines)


def _exit(report: Report, source: str) -> None:
    """Exit with a code for scripts and a message for people if anything is left to do."""
    if report.interrupted:
        note(f"interrupted after line {report.last_line:,}")
        raise typer.Exit(INTERRUPTED)
    if report.stopped:
        stopped = f"{report.stopped} (stopped after line {report.last_line:,})"
        useless = not (report.sent or report.dry_run)
        raise CommandError(stopped, exit_code=NOTHING_DONE if useless else SOME_NOT_SENT)
    if not report.read:
        raise CommandError(f"no events in {source}", exit_code=NOTHING_DONE)
    if not report.is_complete:
        raise typer.Exit(SOME_NOT_SENT)
