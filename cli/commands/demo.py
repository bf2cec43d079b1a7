"""`clickstream demo`: deploy to a laptop cloud, send events until they are rows, clean up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import DEFAULT_ENV, AsJson, LaptopEnv
from cli.output import CommandError, print_columns, print_json, shown

if TYPE_CHECKING:
    from config.model import PipelineConfig
    from contract import Found


def demo(
    events: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="File of JSON events (plain or .gz) to send; by default events are generated.",
        ),
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="How many events to generate.")] = 10_000,
    seed: Annotated[
        int, typer.Option(help="Seed of the generator; the same seed gives the same events.")
    ] = 1,
    env: LaptopEnv = DEFAULT_ENV,
    as_json: AsJson = False,
) -> None:
    """Run the whole pipeline once on this laptop.

    Deploys everything to a separate laptop cloud, sends events, waits until each is a row, cleans up. The stacks are
    the ones that `cdk deploy --all` deploys to an account, deployed by the real `cdk` CLI; no account is needed.

    Exits with 0 only if every event sent became a row. The result is also written to .local/demo.json, logs to
    .local/demo/logs/.

    \b
    clickstream demo
    clickstream demo --events events.ndjson.gz
    clickstream demo --env local-direct --count 50000
    """
    from cli.laptop import DEMO_STATE, STATE, load_laptop_env, passing_cloud
    from cli.round_trip import round_trip

    config = load_laptop_env(env)
    result_file, rejects = STATE / "demo.json", STATE / "demo-rejects.ndjson"
    started = time.monotonic()
    with _source(
        config, events, count, seed
    ) as documents:  # first: a missing file is reported before anything starts
        rejects.unlink(missing_ok=True)
        with passing_cloud(config, DEMO_STATE) as laptop:
            timings = laptop.deploy()
            result = round_trip(laptop, documents, rejects)
        result |= {
            "deploy_seconds": timings.deploy,
            "bootstrap_and_synth_seconds": timings.prepare,
            "total_seconds": round(time.monotonic() - started, 2),
        }
    result_file.write_text(json.dumps(result, indent=2) + "\n")
    if as_json:
        print_json(result)
    else:
        _print(result, result_file, rejects)
    if problems := _problems(result):
        raise CommandError(f"{'; '.join(problems)}. Logs: {shown(DEMO_STATE)}/logs/")


@contextmanager
def _source(config: PipelineConfig, events: str, count: int, seed: int) -> Iterator[Iterable[Found | None]]:
    import contract
    import producer

    if not events:
        yield producer.generate(contract.load(config.event_streams[0].contract), count=count, seed=seed)
        return
    with producer.open_input(events) as opened:
        yield opened.documents()


def _print(result: dict[str, Any], result_file: Path, rejects: Path) -> None:
    lines = [("sent", f"{result['events_sent']:,} events")]
    if result["events_rejected"] or result["events_failed"]:
        left = f"{result['events_rejected']:,} rejected, {result['events_failed']:,} failed"
        lines.append(("not sent", f"{left}; see {shown(rejects)}"))
    distinct = f"{result['distinct_event_ids']:,} distinct event_id"
    lines.append(
        ("landed", f"{result['rows_loaded']:,} rows, {distinct}, from {result['files_loaded']:,} files")
    )
    lines.append(("types", ", ".join(f"{number:,} {name}" for name, number in result["event_types"].items())))
    if asked := result["properties_by_path"]:
        answers = ", ".join(f"{value} ({number:,})" for value, number in asked["most_frequent"].items())
        lines.append((asked["path"], answers))
    if waits := result["event_to_row_seconds"]:
        lines.append(("event to row", f"p50 {waits['p50']} s, p95 {waits['p95']} s, max {waits['max']} s"))
    lines.append(
        ("deployed in", f"{result['deploy_seconds']} s; everything took {result['total_seconds']} s")
    )
    lines.append(("written to", shown(result_file)))
    print_columns(lines)


def _problems(result: dict[str, Any]) -> list[str]:
    """Check that every event sent is one row, and that every row names its file."""
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
    return problems
