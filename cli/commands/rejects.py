"""`clickstream rejects`: list, show and send again what did not become rows."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, note, print_json, step, tell

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from cli.rejects.redriving import Outcome
    from cli.rejects.selection import Selection
    from config.names import EventStream

USAGE, SOME_NOT_SENT, INTERRUPTED = 2, 3, 130
_PERIOD, _PERIOD_OF_IDS = "24h", "7d"

Events = Annotated[str | None, typer.Option("--events", help="One kind of event.", show_default="all kinds")]
Reason = Annotated[
    str | None, typer.Option(help="One reason, such as contract or processing_failed.", show_default="any")
]
SinceOption = typer.Option(
    metavar="TIME", help="Those that arrived since: 90m, 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z."
)
Files = Annotated[
    list[Path] | None,
    typer.Option("--file", help="Also what `clickstream send` wrote to this file. Can be repeated."),
]
Limit = Annotated[int, typer.Option(min=1, help="Show at most this many.")]
Raw = Annotated[bool, typer.Option("--raw", help="Write the original bytes, and nothing else.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Judge and count; write nothing.")]

# As in cli.main: a bool that is set already needs no pydantic.
rejects = typer.Typer(no_args_is_help=True, context_settings={"default_map": {"help": False}})


@rejects.callback()
def _rejects() -> None:
    """List, show and redrive events that were rejected.

    The event gate keeps what is no event, or none that a row can hold, in the lake's folder for rejects. Records that
    Firehose could not deliver are in its error folder; the reason is the type of error, such as processing_failed when
    the gate could not answer. What Snowflake refused is in the table's error table and in the load history; the
    reasons are row_refused, file_refused and not_read. What a producer refused is in the file that it wrote; the
    reason is not_sent. What cannot be read of all these is unreadable.
    """


@rejects.command("list")
def list_rejects(
    env: Env = DEFAULT_ENV,
    events: Events = None,
    since: Annotated[str, SinceOption] = _PERIOD,
    reason: Reason = None,
    files: Files = None,
    limit: Limit = 50,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """List rejects, the newest first, and count them by reason.

    \b
    Examples
    clickstream rejects list                          the last 24 hours
    clickstream rejects list --since 7d --events orders
    clickstream rejects list --reason processing_failed --json
    clickstream rejects list --file clickstream-rejects-20261122T101500Z.ndjson

    What Snowflake refused is queried in your session (on the laptop, the administrator's); if it cannot be queried, a
    note says so, and the others are listed. Error tables keep refused rows; skipped files, and rows from before the
    error table, are known for 14 days.
    """
    from collections import Counter
    from heapq import nlargest

    from cli.deployment import Deployment
    from cli.rejects.lake import RejectLake
    from cli.rejects.loads import load_rejects
    from cli.rejects.producer_file import producer_rejects
    from cli.rejects.redriving import redriven
    from cli.rejects.shown import as_json_object, print_entries
    from cli.repair.objects import RepairObjects

    selection = _selection(since, reason)
    deployment = Deployment.of(env, connection=connection)
    lake, streams = RejectLake.of(deployment), _streams(deployment, events)
    found = {
        entry.reject_id: entry for entry in producer_rejects(files or ()) if reason in (None, entry.reason)
    }
    objects = lake.objects(streams, selection.since, datetime.now(UTC))
    for _, entries in lake.read(objects):
        for entry in filter(selection.takes, entries):
            found.setdefault(entry.reject_id, replace(entry, data=b""))
    for entry in load_rejects(deployment, lake, streams, selection):
        found.setdefault(entry.reject_id, entry)
    counts = Counter(entry.reason for entry in found.values())
    shown = nlargest(limit, found.values(), key=lambda entry: (entry.at, entry.reject_id))
    written = redriven(RepairObjects.of(deployment), streams, shown)
    if as_json:
        rows = [as_json_object(entry, written) for entry in shown]
        print_json({"since": selection.since, "rejects": rows, "total": counts.total(), "by_reason": counts})
        return
    if not found:
        off = (
            ""
            if deployment.config.gate.enabled
            else f"; the gate of environment {env} is off, so only Snowflake refuses anything"
        )
        tell(f"no rejects since {selection.since:%Y-%m-%d %H:%M} UTC{off}")
        return
    print_entries(shown, written)
    if len(shown) < len(found):
        note(f"the newest {len(shown):,} of {len(found):,} are shown; --limit shows more")
    tell(", ".join(f"{name}: {count:,}" for name, count in counts.most_common()))


@rejects.command("show")
def show_reject(
    reject_id: Annotated[str, typer.Argument(metavar="ID", help="As `rejects list` prints it.")],
    env: Env = DEFAULT_ENV,
    events: Events = None,
    since: Annotated[str, SinceOption] = _PERIOD_OF_IDS,
    files: Files = None,
    raw: Raw = False,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Show one reject: its reasons, its position in the stream or file, and the text as it was sent.

    \b
    Examples
    clickstream rejects show 8f14e45fceea167a:0
    clickstream rejects show 8f14e45fceea167a:0 --raw > event.json
    clickstream rejects show events/dt=2026-11-22/hh=10/x.json.gz:7
    """
    from cli.deployment import Deployment
    from cli.rejects.lake import RejectLake
    from cli.rejects.loads import load_rejects, text_of
    from cli.rejects.producer_file import producer_rejects
    from cli.rejects.redriving import redriven
    from cli.rejects.shown import print_entry
    from cli.repair.objects import RepairObjects

    selection = _selection(since, None, [reject_id])
    deployment = Deployment.of(env, connection=connection)
    lake, streams = RejectLake.of(deployment), _streams(deployment, events)
    entry = next((each for each in producer_rejects(files or ()) if each.reject_id == reject_id), None)
    # The id of what Snowflake refused begins with its file.
    if entry is None and not reject_id.startswith(tuple(stream.data_prefix for stream in streams)):
        objects = lake.objects(streams, selection.since, datetime.now(UTC))
        matches = (each for _, some in lake.read(objects[::-1]) for each in some if selection.takes(each))
        entry = next(matches, None)
    if entry is None:
        refused = next(load_rejects(deployment, lake, streams, selection), None)
        entry = refused and replace(refused, data=text_of(refused, lake))
    if entry is None:
        raise CommandError(
            f"no reject {reject_id!r} since {selection.since:%Y-%m-%d}; look further with --since 90d"
        )
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(entry.data)
        sys.stdout.buffer.flush()
        return
    written = redriven(RepairObjects.of(deployment), streams, [entry])
    print_entry(entry, written, as_json=as_json)


@rejects.command("redrive")
def redrive_rejects(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="As `rejects list` prints them.")
    ] = None,
    env: Env = DEFAULT_ENV,
    events: Events = None,
    since: Annotated[str | None, SinceOption] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Write rejects into the lake, from where Snowpipe loads them.

    Select them by ID, by --reason (of the last 24 hours) or by --since. What the gate rejected is judged again by the
    contract in config/; correct it and deploy it first. Of records that the gate could not answer for, the events are
    written, and all else becomes a reject. Of what Snowflake refused, what is not in the table is written.

    Only what was rejected is written, never its neighbours, and each reject once, however often this runs.

    \b
    Examples
    clickstream rejects redrive --reason processing_failed --since 7d
    clickstream rejects redrive --since 3h --events orders --dry-run
    clickstream rejects redrive 8f14e45fceea167a:0

    \b
    Exit codes
    0    all that were selected were written, now or before
    1    nothing could be done: no such reject, no access
    2    wrong usage
    3    some are still rejected, and are listed; the others were written
    130  interrupted
    """
    if not (ids or reason or since):
        raise typer.BadParameter("select rejects: by ID, by --reason, or all of a period with --since 24h")
    from cli.deployment import Deployment
    from cli.rejects.redriving import Outcome
    from cli.rejects.shown import print_outcome
    from cli.signals import stop_on_signals

    selection = _selection(since or (_PERIOD_OF_IDS if ids else _PERIOD), reason, ids or [])
    deployment = Deployment.of(env, connection=connection)
    if not deployment.config.gate.enabled:
        raise CommandError(
            f"the gate of environment {env} is off (gate.enabled), so nothing would judge the rejects again: correct "
            "them, and send them with `clickstream send`",
            exit_code=USAGE,
        )
    outcome = Outcome()
    with stop_on_signals() as stop:
        for stream in _streams(deployment, events):
            with step(f"rejects of {stream.name}") as progress:
                _redrive(
                    deployment, stream, selection, outcome, dry_run=dry_run, stop=stop, progress=progress
                )
        interrupted = stop.is_set()
    missing = sorted(selection.ids - outcome.found - outcome.before)
    print_outcome(outcome, missing, dry_run=dry_run, interrupted=interrupted, as_json=as_json)
    if interrupted:
        note("interrupted")
        raise typer.Exit(INTERRUPTED)
    if missing and not (outcome.found or outcome.before):
        raise CommandError("no such reject; look further back with --since 90d")
    if missing or outcome.failed:
        raise typer.Exit(SOME_NOT_SENT)


def _redrive(
    deployment: Deployment,
    stream: EventStream,
    selection: Selection,
    outcome: Outcome,
    *,
    dry_run: bool,
    stop: Any,
    progress: Any,
) -> None:
    from cli.rejects.lake import RejectLake
    from cli.rejects.loads import load_rejects
    from cli.rejects.redriving import Redrive
    from cli.rejects.redriving_loads import redrive_loads
    from cli.repair.judge import Judge
    from cli.repair.objects import RepairObjects
    from event_gate.rejects import RejectStore

    lake, repairs = RejectLake.of(deployment), RepairObjects.of(deployment)
    store = RejectStore(deployment.client("s3"), deployment.lake_bucket(), stream.reject_prefix)
    objects = lake.objects([stream], selection.since, datetime.now(UTC))
    if objects:
        Redrive(
            stream,
            lake,
            repairs,
            store,
            Judge(stream),
            selection=selection,
            dry_run=dry_run,
            stop=stop,
            outcome=outcome,
        ).of(objects, progress)
    refused = list(load_rejects(deployment, lake, [stream], selection))
    if refused and not stop.is_set():
        redrive_loads(deployment, stream, refused, dry_run=dry_run, outcome=outcome)


def _selection(since: str, reason: str | None, ids: list[str] | None = None) -> Selection:
    from cli.rejects.reasons import check_reason
    from cli.rejects.selection import Selection
    from cli.rejects.since import parse_since

    check_reason(reason)
    try:
        moment = parse_since(since, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(f"--since {error}") from None
    return Selection(since=moment, reason=reason, ids=frozenset(ids or ()))


def _streams(deployment: Deployment, events: str | None) -> list[EventStream]:
    from cli.deployment import event_stream

    return [event_stream(deployment.config, events)] if events else [*deployment.config.event_streams]
