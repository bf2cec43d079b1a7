"""`clickstream replay --from-stream`."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import typer

from cli.deployment import Deployment, event_stream
from cli.output import CommandError, note, print_columns, print_json, shown, step
from cli.replay.checkpoint import Checkpoint
from cli.replay.stream_replay import StreamOutcome, StreamReplay
from cli.replay.stream_source import StreamSource, reading
from cli.signals import stop_on_signals
from producer.service import connected
from producer.target import LIMITS

NOTHING_DONE, NOT_COMPLETE, INTERRUPTED = 1, 3, 130
_MOST_SHOWN = 20


def replay_stream(
    name: str,
    env: str,
    events: str,
    since: datetime | None,
    until: datetime | None,
    checkpoint: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put what waits in a Data Stream into the front door, and print the result.

    Raises:
        CommandError: AWS refuses, or the front door accepts nothing.
        Exit: it is not complete, or was interrupted.
    """
    deployment = Deployment.of(env)
    stream = event_stream(deployment.config, events)
    target, kinesis = deployment.front_door(stream), deployment.client("kinesis")
    with reading(name), stop_on_signals() as stop:
        source = StreamSource.of(kinesis, name)
        until = source.until(target, until, deployment.client("firehose"), stream.delivery_stream_name)
        path = checkpoint or Path(f"clickstream-replay-{name}.json")
        kept = Checkpoint.open(path, source.identity, str(target), until)
        resumed = bool(kept.shards)
        with nullcontext() if dry_run else connected(target) as service:
            one = StreamReplay(
                kinesis,
                source.arn,
                service,
                LIMITS[target.kind],
                kept,
                since=since,
                unpack=target.kind == "firehose",
                stop=stop,
            )
            shards = one.shards()
            beginning = "the checkpoint" if resumed else since or "the oldest record"
            note(
                f"{len(shards):,} shards of {name} are read from {beginning} until {kept.until or 'the end'}, and put "
                f"into {target}, which bills them like new events"
            )
            with step(f"records of {name}") as progress:
                one.run(
                    shards,
                    lambda outcome: progress(
                        f"{outcome.sent:,} put, the next is {max(outcome.behind.values()) / 1000:,.0f} s old"
                    ),
                )
        interrupted = stop.is_set() and not one.outcome.stopped
    _print(one.outcome, str(target), path, resumed=resumed, dry_run=dry_run, as_json=as_json)
    _exit(one.outcome, interrupted=interrupted)


def _print(
    outcome: StreamOutcome, target: str, path: Path, *, resumed: bool, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        print_json(
            vars(outcome) | {"into": target, "checkpoint": path, "resumed": resumed, "dry_run": dry_run}
        )
        return
    lines = [
        ("into", target),
        ("read", f"{outcome.read:,} records"),
        ("put", f"0 (dry run: {outcome.sent:,} would be)" if dry_run else f"{outcome.sent:,}"),
        ("in", f"{outcome.bytes / 1e6:,.1f} MB"),
    ]
    lines += [("too large", each) for each in outcome.skipped[:_MOST_SHOWN]]
    if len(outcome.skipped) > _MOST_SHOWN:
        lines.append(("", f"and {len(outcome.skipped) - _MOST_SHOWN:,} more; --json has all"))
    if resumed:
        lines.append(
            (
                "doubled",
                "at most the last call for each shard, if the earlier run was killed in it; see the view",
            )
        )
    if not dry_run:
        lines.append(("checkpoint", shown(path)))
    print_columns(lines)


def _exit(outcome: StreamOutcome, *, interrupted: bool) -> None:
    if interrupted:
        note("interrupted; run it again to go on")
        raise typer.Exit(INTERRUPTED)
    if outcome.stopped:
        code = NOT_COMPLETE if outcome.sent else NOTHING_DONE
        raise CommandError(f"{outcome.stopped}; run it again to go on", exit_code=code)
    if outcome.skipped:
        raise typer.Exit(NOT_COMPLETE)
