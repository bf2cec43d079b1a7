"""`clickstream replay`: files of the lake into a table again, or what waits in a Data Stream into the front door."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env

Start = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="The start: 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z."),
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
FromStream = Annotated[
    str | None,
    typer.Option(
        "--from-stream",
        metavar="NAME",
        help="Read this Data Stream, and put its records into the front door.",
    ),
]
CheckpointFile = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        help="With --from-stream: the file that remembers what was put.",
        show_default="clickstream-replay-<stream>.json",
    ),
]
Events = Annotated[str, typer.Option("--events", help="The kind of event, if the environment has several.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]


def replay(
    start: Start = None,
    end: End = None,
    into: Into = None,
    from_stream: FromStream = None,
    checkpoint: CheckpointFile = None,
    env: Env = DEFAULT_ENV,
    events: Events = "clicks",
    dry_run: DryRun = False,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Load files of the lake again, or deliver what waits in a Data Stream.

    The files in the folders of these hours (UTC) are loaded as the pipe loads them, on the warehouse of your session.
    Rows that the table has are not inserted again, so the same replay may be run at any time, and goes on where it was
    interrupted; rows that were deleted come back. A new table (--into) has the columns of the original, but none of
    its grants or policies. Into their own table, files that Snowpipe may still load are left out: those of the last
    seven days that it has not seen. `clickstream reconcile --repair` has them loaded. So are hours whose rows have
    expired (rows.keep_days).

    With --from-stream, the records of a Data Stream that no delivery stream has read, since it begins at the end, are
    put into the environment's front door, at least once. A checkpoint file remembers what was put.

    \b
    Examples
    clickstream replay --from 2026-11-20 --to 2026-11-22 --into CLICKS_AGAIN
    clickstream replay --from 2026-11-22T10:00Z --to 2026-11-22T12:00Z --dry-run
    clickstream replay --from 30d --events orders
    clickstream replay --from-stream clickstream-prod-events --env prod

    \b
    Exit codes
    0    every line of every file is in the table; every record was put
    1    nothing could be done: not deployed, no access
    2    wrong usage
    3    lines could not be loaded, files were left out, or records were not put; they are listed
    130  interrupted; what was done by then stays
    """
    if from_stream:
        if into:
            raise typer.BadParameter("--into is for files; records of a stream go to the front door")
        from cli.replay.stream_command import replay_stream

        since, until = _moment("--from", start), _moment("--to", end)
        replay_stream(from_stream, env, events, since, until, checkpoint, dry_run=dry_run, as_json=as_json)
        return
    if checkpoint:
        raise typer.BadParameter("--checkpoint is for --from-stream; a table itself says what it has")
    if start is None:
        raise typer.BadParameter(
            "name hours with --from 2026-11-22 --to 2026-11-23, or a Data Stream with --from-stream"
        )
    from cli.commands.reconcile import period_of
    from cli.replay.lake_command import replay_lake

    period = period_of(start, end)
    replay_lake(period, env, events, into, connection, dry_run=dry_run, as_json=as_json)


def _moment(option: str, text: str | None) -> datetime | None:
    from cli.rejects.since import parse_since

    try:
        return parse_since(text, datetime.now(UTC)) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{option} {error}") from None
