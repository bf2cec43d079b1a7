"""`clickstream replay` of files of the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event as Flag

import typer
from snowflake.connector import SnowflakeConnection

from cli.deployment import Deployment, event_stream
from cli.output import CommandError, errors, note, print_columns, print_json, step
from cli.plan.forecast import OwnSession
from cli.reconcile.lake import Lake, LakeFile
from cli.reconcile.reconciliation import Period
from cli.replay.lake_replay import LakeReplay, Work
from cli.replay.load import TableLoader, pipe_definition
from cli.replay.target import NewTable, OwnTable, Target
from cli.signals import stop_on_signals
from config.names import EventStream
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.sql.identifiers import ObjectName

USAGE, NOT_COMPLETE, INTERRUPTED = 2, 3, 130
# The longest that one COPY or INSERT may take.
_STATEMENT_SECONDS = 3600


def replay_lake(
    period: Period,
    env: str,
    events: str,
    into: str | None,
    connection: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Load the files of a period, and print the result.

    Raises:
        CommandError: the environment is not deployed, or AWS or Snowflake refuses.
        Exit: it is not complete, or was interrupted.
    """
    deployment = Deployment.of(env, connection=connection)
    stream = event_stream(deployment.config, events)
    try:
        with deployment.snowflake(query_seconds=_STATEMENT_SECONDS) as session, stop_on_signals() as stop:
            _require_warehouse(session)
            one = _lake_replay(deployment, stream, session, period, into, stop, create=not dry_run)
            with step(f"{stream.name}: {len(period.hours)} hours"):
                planned = one.plan(period.hours, datetime.now(UTC))
            _tell_cost(planned, str(session.warehouse))
            if not dry_run:
                _run(one, planned, stop)
            interrupted = stop.is_set()
    except SnowflakeError as error:
        raise CommandError(f"cannot replay: {error}") from None
    _finish(one, planned, dry_run=dry_run, interrupted=interrupted, as_json=as_json)


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
    names, session = deployment.config.snowflake, OwnSession(connection)
    schema = names.database, names.schema_name
    own, pipe = ObjectName.of(*schema, stream.table), ObjectName.of(*schema, stream.pipe)
    named = _table(into, schema) if into else own
    definition = pipe_definition(session, pipe, own)
    target: Target
    if named == own:
        kept = stream.rows.kept_for
        target = OwnTable(session, own, pipe, period.start, datetime.now(UTC), stop, rows_kept=kept)
    else:
        target = NewTable(session, named, own, create=create)
    loader = TableLoader(session, target, definition, stream.data_prefix, evolves=names.schema_evolution)
    lake = Lake(deployment.client("s3"), deployment.lake_bucket())
    return LakeReplay(lake, stream.data_prefix, target, loader)


def _table(text: str, schema: tuple[str, str]) -> ObjectName:
    """The table of that name, which Snowflake stores in upper case."""
    parts = text.upper().split(".")
    if len(parts) > 3 or not all(part.replace("_", "A").replace("$", "A").isalnum() for part in parts):
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
            text = f"{one.outcome.files:,} files, {one.outcome.inserted:,} rows inserted"
            advance(sum(file.size for file in files), text)

        one.run(planned, stop, on_files)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on the terminal that grows by a number, and has a text."""
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
        note(f"interrupted; to go on, run it again, or with --from {outcome.reached or 'the same time'}")
        raise typer.Exit(INTERRUPTED)
    if not outcome.is_complete and not dry_run:
        raise typer.Exit(NOT_COMPLETE)
