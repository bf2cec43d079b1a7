"""A kept Data Stream whose records become rows, and files of the lake that become rows again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import contract
import producer
from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import PATIENCE_SECONDS, as_json

KEPT, COUNT = "kept-events", 300


def test_a_kept_stream_and_the_lake_are_replayed(pipeline: Pipeline, tmp_path: Path) -> None:
    before, _ = pipeline.rows("order_events")
    keep(pipeline)
    argument = ("--events", "orders", "--json")
    stream = ("replay", "--from-stream", KEPT, *argument, "--checkpoint", str(tmp_path / "checkpoint.json"))
    assert replayed(pipeline, *stream)["sent"] == COUNT
    pipeline.arrived(before + COUNT, before + COUNT, "order_events")
    # Into a new table, and what was deleted into its own.
    lake = ("replay", "--from", "1d", *argument)
    into = replayed(pipeline, *lake, "--into", "orders_again")
    assert into["inserted"] == into["lines"] >= before + COUNT
    pipeline.query("DELETE FROM order_events WHERE source_row = 1")
    assert replayed(pipeline, *lake)["inserted"] > 0
    pipeline.arrived(before + COUNT, before + COUNT, "order_events")


def replayed(pipeline: Pipeline, *arguments: str) -> dict[str, Any]:
    """The result of a replay; a canary's file may just have landed, and is left to the pipe."""
    process = pipeline.start(*arguments)
    output, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode in (0, 3), messages
    found = as_json(output)
    assert not found.get("not_loaded"), found
    return found


def keep(pipeline: Pipeline) -> None:
    """A Data Stream with events, which nothing reads."""
    kinesis = pipeline.client("kinesis")
    kinesis.create_stream(StreamName=KEPT, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=KEPT, WaiterConfig={"Delay": 1})
    events = producer.generate(contract.load(pipeline.order_contract), count=COUNT, seed=15)
    entries = [
        {"Data": found.text.encode(), "PartitionKey": str(number)}
        for number, found in enumerate(filter(None, events))
    ]
    answer = kinesis.put_records(StreamName=KEPT, Records=entries)
    assert answer["FailedRecordCount"] == 0
