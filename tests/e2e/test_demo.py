"""`make demo`: the whole pipeline through the real CDK CLI, on a new laptop cloud."""

from __future__ import annotations

import gzip
import json
import signal
from pathlib import Path

import pytest

import contract
import producer
from tests.e2e.laptop import PATIENCE_SECONDS, Laptop, as_json, eventually

GOOD = 3000


def events_file(folder: Path) -> Path:
    """Many events, and a few lines that are not events."""
    generated = producer.generate(contract.load(), count=GOOD, rate=None, seed=1)
    lines = [found.text.encode() for found in generated]
    lines[10:10] = [b"garbage", b'{"event_type": "page_view", "timestamp": "2026-01-02T03:04:05Z"}']
    lines.insert(
        30, json.dumps({**json.loads(lines[0]), "event_id": "huge", "blob": "x" * 2_000_000}).encode()
    )
    path = folder / "events.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    return path


def test_every_event_becomes_a_row_and_bad_lines_affect_no_other(laptop: Laptop, tmp_path: Path) -> None:
    printed = as_json(laptop.run("demo", "--events", str(events_file(tmp_path)), "--json"))
    assert printed == json.loads((laptop.state / "demo.json").read_text())
    assert (printed["events_sent"], printed["events_rejected"]) == (GOOD, 3)
    assert printed["rows_loaded"] == printed["distinct_event_ids"] == GOOD
    assert printed["rows_with_file_row_and_load_time"] == GOOD
    assert sum(printed["event_types"].values()) == GOOD
    assert printed["properties_by_path"]["most_frequent"]
    assert 0 < printed["event_to_row_seconds"]["p50"] <= printed["event_to_row_seconds"]["max"]
    rejects = [json.loads(line) for line in (laptop.state / "demo-rejects.ndjson").read_text().splitlines()]
    assert [reject["line"] for reject in rejects] == [11, 12, 31]
    assert laptop.processes() == []


def test_a_missing_file_is_reported_before_anything_starts(laptop: Laptop) -> None:
    assert "cannot read nowhere.ndjson" in laptop.run("demo", "--events", "nowhere.ndjson", code=1)
    assert not (laptop.state / "demo").exists()


@pytest.mark.parametrize(
    ("moment", "sent", "code"),
    [
        ("cloud.json", signal.SIGTERM, 128 + signal.SIGTERM),
        ("logs/cdk-synth.log", signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_an_interrupted_demo_leaves_nothing_running(
    laptop: Laptop, moment: str, sent: signal.Signals, code: int
) -> None:
    """For an interrupted deployment see plain/test_up.py."""
    process = laptop.start("demo", "--count", "100")
    begun = laptop.state / "demo" / moment
    eventually(lambda: begun.exists() or process.poll() is not None)
    process.send_signal(sent)
    _, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == code, messages
    # Everything the command started is stopped by it, or stops by itself if the command is killed.
    eventually(lambda: not laptop.processes())
