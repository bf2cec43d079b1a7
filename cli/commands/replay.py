"""`clickstream replay`: files of the lake into a table again, or what waits in a Data Stream into the front door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, errors, note, print_columns, print_json, step
from cli.signals import stop_on_signals

if TYPE_CHECKING:
    from threading import Event as Flag

    from snowflake.connector import SnowflakeConnection

    from cli.deployment import Deployment
    from cli.reconcile.lake import LakeFile
    from cli.reconcile.reconciliation import Period
    from cli.replay.lake_replay import LakeReplay, Work
    from cli.replay.target import Target
    from config.names import EventStream
    from snowflake_setup.sql.identifiers import ObjectName

NOTHING_DONE, USAGE, NOT_COMPLETE, INTERRUPTED = 1, 2, 3, 130
# The longest that one COPY or INSERT may take.
_STATEMENT_SECONDS = 3600

Start = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="The first hour: 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z."),
]
End = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="The end, in the same forms.", show_default="now")
]
Into = Annotated[
    str | None,
    typer.Option(
        metavar="TABLE",
        help="A new table, or one of an earlier replay: NAME, SCHEMA.NAME or DATABASE.SCHEMA.NAME.",
        show_default="the table of the kind of event",
    ),
]
Events = Annotated[str, typer.Option("--events", help="The kind of event, if the environment has several.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be read; change nothing.")]


def replay(
    start: Start = None,
    end: End = None,
    into: Into = None,
    env: Env = DEFAULT_ENV,
    events: Events = "clicks",
    dry_run: DryRun = False,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Load files of the lake again, into a new table or their own.

    All files in the folders of these hours (UTC) are loaded as the pipe loads them, on the warehouse of your session.
    Rows that the table has are not inserted again, so the same replay may be run at any time, and goes on where it was
    interrupted. A new table has the columns of the original, but none of its grants or policies.

    Into their own table, files that Snowpipe may still load are left out: those of the last seven days that it has not
    seen. `clickstream reconcile --repair` has them loaded.

    \b
    Examples
    clickstream replay --from 2026-11-20 --to 2026-11-22 --into CLICKS_AGAIN
    clickstream replay --from 2026-11-22T10:00Z --to 2026-11-22T12:00Z --dry-run
    clickstream replay --from 30d --events orders      rows that were deleted come back

    \b
    Exit codes
    0    every line of every file is in the table
    1    nothing could be done: not deployed, no access
    2    wrong usage
    3    some lines could not be loaded, or files were left out; they are listed
    130  interrupted; what was inserted by then stays
    """
    from cli.commands.reconcile import period_of
    from cli.deployment import Deployment, event_stream
    from snowflake_setup.session.errors import SnowflakeError

    if start is None:
        raise typer.BadParameter("name the hours to load again: --from 2026-11-22 --to 2026-11-23")
    period = period_of(start, end)
    deployment = Deployment.of(env, connection=connection)
    stream = event_stream(deployment.config, events)
    try:
        with (
            deployment.snowflake(query_seconds=_STATEMENT_SECONDS) as session,
            stop_on_signals() as stop,
        ):
            _require_warehouse(session)
            one = _lake_replay(deployment, stream, session, period, into, stop, create=not dry_run)
            with step(f"{stream.name}: {len(period.hours)} hours"):
                planned = one.plan(period.hours, datetime.now(UTC))
            _tell_cost(planned, str(session.warehouse))
            if not dry_run:
                _run(one, planned, stop)
    except SnowflakeError as error:
        raise CommandError(f"cannot replay: {error}") from None
    _finish(one, planned, dry_run=dry_run, interrupted=stop.is_set(), as_json=as_json)


def _require_warehouse(session: SnowflakeConnection) -> None:
    if not session.warehouse:
        raise CommandError(
            "your session has no warehouse, which COPY and INSERT need; name one in your connection",
            exit_code=USAGE,
        )


def _lake_replay(
    deployment: Deployment,
    stream: EventStream,
    connection: SnowflakeConnection,
    period: Period,
    into: str | None,
    stop: Flag,
    *,
    create: bool,
) -> LakeReplay:
    from cli.plan.forecast import OwnSession
    from cli.reconcile.lake import Lake
    from cli.replay.lake_replay import LakeReplay
    from cli.replay.load import TableLoader, pipe_definition
    from cli.replay.target import NewTable, OwnTable
    from snowflake_setup.sql.identifiers import ObjectName

    names, session = deployment.config.snowflake, OwnSession(connection)
    schema = names.database, names.schema_name
    own, pipe = ObjectName.of(*schema, stream.table), ObjectName.of(*schema, stream.pipe)
    named = _table(into, schema) if into else own
    definition = pipe_definition(session, pipe, own)
    target: Target
    if named == own:
        target = OwnTable(session, own, pipe, period.start, datetime.now(UTC), stop)
    else:
        target = NewTable(session, named, own, create=create)
    loader = TableLoader(session, target, definition, stream.data_prefix, evolves=names.schema_evolution)
    return LakeReplay(
        Lake(deployment.client("s3"), deployment.lake_bucket()), stream.data_prefix, target, loader
    )


def _table(text: str, schema: tuple[str, str]) -> ObjectName:
    """The table of that name, which Snowflake stores in upper case unless it is quoted."""
    from snowflake_setup.sql.identifiers import ObjectName

    parts = text.upper().split(".")
    if not all(part.replace("_", "A").replace("$", "A").isalnum() for part in parts) or len(parts) > 3:
        raise typer.BadParameter(
            f"--into {text!r} is no table; allowed: NAME, SCHEMA.NAME or DATABASE.SCHEMA.NAME, of letters, digits, _ "
            "and $"
        )
    return ObjectName.of(*schema[: 3 - len(parts)], *parts)


def _tell_cost(planned: Sequence[Work], warehouse: str) -> None:
    files = [file for work in planned for file in work.files]
    size = sum(file.size for file in files)
    note(
        f"{len(files):,} files in {len(planned):,} hours, {size / 1e6:,.1f} MB compressed, are loaded on warehouse "
        f"{warehouse}, which is billed while it runs; files with errors are also read by this machine"
    )


def _run(one: LakeReplay, planned: Sequence[Work], stop: Flag) -> None:
    with _bar(sum(file.size for work in planned for file in work.files)) as advance:

        def on_files(files: Sequence[LakeFile]) -> None:
            outcome = one.outcome
            advance(
                sum(file.size for file in files),
                f"{outcome.files:,} files, {outcome.inserted:,} rows inserted",
            )

        one.run(planned, stop, on_files)


@contextmanager
def _bar(total: int | None) -> Iterator[Callable[[int, str], None]]:
    """A bar on the terminal, which grows by a number and has a text."""
    if not errors().is_terminal:
        yield lambda _number, _text: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors(), transient=True) as progress:
        task = progress.add_task("loading", total=total)
        yield lambda number, text: progress.update(task, advance=number, description=text)


def _finish(
    one: LakeReplay, planned: Sequence[Work], *, dry_run: bool, interrupted: bool, as_json: bool
) -> None:
    outcome = one.outcome
    if as_json:
        would = [file.key for work in planned for file in work.files] if dry_run else []
        print_json(outcome.as_json_object() | {"dry_run": dry_run, "would_load": would})
    else:
        print_columns(outcome.as_lines(dry_run=dry_run))
    if interrupted:
        note(
            f"interrupted; run it again, or with --from {outcome.reached}"
            if outcome.reached
            else "interrupted"
        )
        raise typer.Exit(INTERRUPTED)
    if not outcome.is_complete and not dry_run:
        raise typer.Exit(NOT_COMPLETE)
