"""`clickstream demo`: the whole mission once, from nothing to rows, and everything stopped again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.table import Table

import contract
import producer
from cli.arrival import SentEvents, seconds_to_row, wait_for_rows
from cli.environments import load_laptop_env
from cli.laptop import DEMO_STATE, STATE, deploy, passing_cloud
from cli.options import AsJson, LaptopEnv
from cli.output import CommandError, print_json, results, shown, step, visible
from cli.snowflake_login import connect_laptop
from cli.summary import describe_rows
from cli.targets import laptop_target
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud
from producer import ProducerError, RejectsFile, Report
from producer.lines import Line
from snowflake_setup.sql.identifiers import ObjectName

RESULT = STATE / "demo.json"
REJECTS = STATE / "demo-rejects.ndjson"
_PATIENCE_SECONDS = 30.0


def demo(
    events: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="NDJSON file (plain or .gz) to send; by default events are made up."
        ),
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="How many events to make up.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Which ones; the same seed makes the same events.")] = 1,
    env: LaptopEnv = "local",
    as_json: AsJson = False,
) -> None:
    """Deploy everything to a laptop cloud of its own, send events, wait until each is a row, clean up.

    The same stacks, by the real `cdk` CLI, that `cdk deploy --all` puts into an account; no account is needed.
    Ends with 0 only if every event sent became a row. The result is also written to .local/demo.json, logs to
    .local/demo/logs/.

    \b
    clickstream demo
    clickstream demo --events events.ndjson.gz
    clickstream demo --env local-direct --count 50000
    """
    config = load_laptop_env(env)
    started = time.monotonic()
    with _source(
        config, events, count, seed
    ) as lines:  # opened first: a missing file is told before anything starts
        with passing_cloud(DEMO_STATE, region=config.region) as cloud:
            timings = deploy(cloud, config)
            result = _send_and_count(cloud, config, lines)
        result |= {
            "deploy_seconds": timings.deploy,
            "bootstrap_and_synth_seconds": timings.prepare,
            "total_seconds": round(time.monotonic() - started, 2),
        }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    if as_json:
        print_json(result)
    else:
        _print(result)
    _judge(result)


@contextmanager
def _source(config: PipelineConfig, events: str, count: int, seed: int) -> Iterator[Iterable[Line | None]]:
    if not events:
        yield producer.generate(
            contract.load(config.event_streams[0].contract), count=count, rate=None, seed=seed
        )
        return
    try:
        with producer.open_input(events) as opened:
            yield opened.lines()
    except ProducerError as error:
        raise CommandError(str(error)) from None


def _send_and_count(
    cloud: LaptopCloud, config: PipelineConfig, lines: Iterable[Line | None]
) -> dict[str, Any]:
    names = config.snowflake
    table = ObjectName.of(names.database, names.schema_name, names.table)
    sent = SentEvents()
    with step("events sent to " + config.streaming.source.replace("_", " ")):
        report = _send(cloud, config, lines, sent)
    with connect_laptop(cloud) as session:
        with step("events arrived as rows"):
            wait_for_rows(session, table, expected=report.sent, patience=_PATIENCE_SECONDS)
        return {
            "events_read": report.read,
            "events_sent": report.sent,
            "events_retried": report.retried,
            "events_rejected": report.rejected,
            "events_failed": report.failed,
            "stopped": report.stopped,
            "distinct_events_sent": len(sent.taken_at),
            **describe_rows(session, table),
            "event_to_row_seconds": seconds_to_row(session, table, sent),
        }


def _send(
    cloud: LaptopCloud, config: PipelineConfig, lines: Iterable[Line | None], sent: SentEvents
) -> Report:
    REJECTS.unlink(missing_ok=True)
    try:
        with RejectsFile(REJECTS) as rejects:
            return producer.send(
                lines,
                contract=contract.load(config.event_streams[0].contract),
                target=laptop_target(cloud, config, config.event_streams[0]),
                rejects=rejects,
                on_sent=sent.note,
            )
    except ProducerError as error:
        raise CommandError(str(error)) from None


def _print(result: dict[str, Any]) -> None:
    waits = result["event_to_row_seconds"]
    table = Table.grid(padding=(0, 2))
    table.add_row("sent", f"{result['events_sent']:,} events")
    if result["events_rejected"] or result["events_failed"]:
        left = f"{result['events_rejected']:,} rejected, {result['events_failed']:,} failed"
        table.add_row("not sent", f"{left}; see {shown(REJECTS)}")
    distinct = f"{result['distinct_event_ids']:,} distinct event_id"
    table.add_row(
        "landed", f"{result['rows_loaded']:,} rows, {distinct}, from {result['files_loaded']:,} files"
    )
    types = ", ".join(f"{number:,} {name}" for name, number in result["event_types"].items())
    table.add_row("types", visible(types))
    if result["properties_by_path"]:
        asked = result["properties_by_path"]
        answers = ", ".join(f"{value} ({number:,})" for value, number in asked["most_frequent"].items())
        table.add_row(visible(asked["path"]), visible(answers))
    if waits:
        table.add_row("event to row", f"p50 {waits['p50']} s, p95 {waits['p95']} s, max {waits['max']} s")
    table.add_row("deployed in", f"{result['deploy_seconds']} s; everything took {result['total_seconds']} s")
    table.add_row("written to", shown(RESULT))
    results.print(table)


def _judge(result: dict[str, Any]) -> None:
    """Every event that was sent must be one row, and every row must say where it came from."""
    problems = []
    if result["stopped"]:
        problems.append(f"sending stopped early: {result['stopped']}")
    if not result["events_sent"]:
        problems.append("no event was sent")
    for name, expected in {
        "rows_loaded": "events_sent",
        "distinct_event_ids": "distinct_events_sent",
        "rows_with_file_row_and_load_time": "rows_loaded",
    }.items():
        if result[name] != result[expected]:
            problems.append(f"{name} is {result[name]:,}, but {expected} is {result[expected]:,}")
    if problems:
        raise CommandError("; ".join(problems) + f". Logs: {shown(DEMO_STATE)}/logs/")
