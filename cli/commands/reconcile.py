"""`clickstream reconcile`: is everything in the table that arrived, and if not, load it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, note, print_json, step, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.deployment import Deployment
    from cli.reconcile.counts import RecordCounts
    from cli.reconcile.finding import Finding
    from cli.reconcile.reconciliation import Period

USAGE, NOT_COMPLETE, INTERRUPTED = 2, 3, 130

Events = Annotated[str | None, typer.Option("--events", help="One kind of event.", show_default="all kinds")]
Start = Annotated[
    str,
    typer.Option("--from", metavar="TIME", help="The first hour: 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z."),
]
End = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="The end, in the same forms.", show_default="now")
]
Grace = Annotated[
    str, typer.Option(metavar="TIME", help="How long a file may take until it is loaded: 30s, 10m.")
]
CountLines = Annotated[
    bool, typer.Option("--count-lines", help="Read every file of the lake, and compare it line by line.")
]
DoRepair = Annotated[bool, typer.Option("--repair", help="Load what is missing; never what is there.")]
Wait = Annotated[
    str, typer.Option(metavar="TIME", help="How long a repair waits until everything is loaded.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what a repair would do; change nothing.")]


def reconcile(
    start: Start = "24h",
    end: End = None,
    env: Env = DEFAULT_ENV,
    events: Events = None,
    count_lines: CountLines = False,
    repair: DoRepair = False,
    dry_run: DryRun = False,
    grace: Grace = "10m",
    wait: Wait = "20m",
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Is everything in the table that arrived?

    Compares for each hour the files of the lake with the rows of the table, Snowpipe's load history and the rejects;
    and for the whole period the records that the stream took with those that Firehose passed on. Hours are those of
    the lake's folders, in UTC.

    A repair announces files again that no pipe has seen, and writes lines that a pipe did not load into a repair
    object in the lake, which Snowpipe loads once. It may be interrupted, and run again at any time.

    \b
    Examples
    clickstream reconcile --from 2026-11-22 --to 2026-11-23
    clickstream reconcile --from 7d --count-lines --json
    clickstream reconcile --from 24h --repair --dry-run

    \b
    Verdicts
    complete     every line of every file is a row, or a listed reject
    expired      rows.keep_days may have deleted rows: not compared, and never loaded again by a repair
    partial      lines of a file are missing, or records wait in the error folder
    missing      a file is missing, or not loaded yet
    doubled      rows are in the table twice
    unexplained  rows were deleted, or their file was, or they do not match its lines

    \b
    Exit codes
    0    every hour is complete, or has expired
    1    nothing could be compared: not deployed, no access
    2    wrong usage
    3    not complete; after a repair: still not
    130  interrupted
    """
    from cli.deployment import Deployment, event_stream
    from cli.plan.forecast import OwnSession
    from cli.reconcile.counts import record_counts
    from cli.reconcile.reconciliation import Reconciliation
    from cli.reconcile.shown import WELL, as_json_object, print_findings, print_plan, worst
    from cli.signals import stop_on_signals
    from snowflake_setup.session.errors import SnowflakeError

    period, patience, waiting = period_of(start, end), _duration("--grace", grace), _duration("--wait", wait)
    deployment = Deployment.of(env, connection=connection)
    config = deployment.config
    streams = [event_stream(config, events)] if events else list(config.event_streams)
    if count_lines:
        _tell_cost(deployment, period, [stream.data_prefix for stream in streams])
    findings: list[Finding] = []
    counts: list[RecordCounts] = []
    repaired: list[str] = []
    try:
        with deployment.snowflake() as session, stop_on_signals() as stop:
            for stream in streams:
                one = Reconciliation(
                    deployment, stream, OwnSession(session), grace=patience, count_lines=count_lines
                )
                with step(f"{stream.name}: {len(period.hours)} hours") as progress:
                    found = one.examine(period.hours, progress)
                if repair and not dry_run and not stop.is_set():
                    print_plan(found, note)
                    with step(f"repair of {stream.name}") as progress:
                        found, written = one.repair(found, waiting, stop, progress)
                    repaired += written
                findings += found
                failed = sum(finding.failed + finding.redriven for finding in found)
                counts.append(
                    record_counts(
                        deployment.client("cloudwatch"), config, stream, period.start, period.end, failed
                    )
                )
            interrupted = stop.is_set()
    except SnowflakeError as error:
        raise CommandError(f"cannot compare with Snowflake: {error}") from None
    if as_json:
        print_json(as_json_object(findings, counts, repaired, dry_run=dry_run))
    else:
        print_findings(findings, counts)
        if repair and dry_run:
            print_plan(findings, tell)
        verdict = worst(findings, counts)
        hint = "" if verdict in WELL or repair else "; --repair loads what is missing"
        tell(f"{verdict}{hint}")
    if interrupted:
        note("interrupted")
        raise typer.Exit(INTERRUPTED)
    if worst(findings, counts) not in WELL:
        raise typer.Exit(NOT_COMPLETE)


def period_of(start: str, end: str | None) -> Period:
    """The hours between two times that a user wrote.

    Raises:
        BadParameter: they are no times, or not in this order.
    """
    from cli.reconcile.reconciliation import Period
    from cli.rejects.since import parse_since

    now = datetime.now(UTC)
    try:
        first = parse_since(start, now)
    except ValueError as error:
        raise typer.BadParameter(f"--from {error}") from None
    try:
        last = parse_since(end, now) if end else now
    except ValueError as error:
        raise typer.BadParameter(f"--to {error}") from None
    if first >= last:
        raise typer.BadParameter(
            f"--from {first:%Y-%m-%d %H:%M} is not before --to {last:%Y-%m-%d %H:%M} UTC"
        )
    return Period.around(first, min(last, now))


def _duration(option: str, text: str) -> timedelta:
    from cli.rejects.since import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option} {error}") from None


def _tell_cost(deployment: Deployment, period: Period, prefixes: Sequence[str]) -> None:
    """Say what counting lines reads, before it does."""
    from cli.reconcile.lake import Lake

    lake = Lake.of(deployment)
    files = [file for prefix in prefixes for hour in period.hours for file in lake.files(prefix, hour)]
    size = sum(file.size for file in files)
    note(
        f"counting lines reads {len(files):,} files, {size / 1e6:,.1f} MB: as many GET requests, and the "
        "transfer if this machine is not in the bucket's region"
    )
