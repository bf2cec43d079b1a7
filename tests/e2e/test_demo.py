"""`make demo`: the whole mission through the real CDK CLI, with either front door."""

from __future__ import annotations

import gzip
import json
import signal
from pathlib import Path

import pytest

from laptop.testing.waiting import eventually
from tests.e2e.conftest import Laptop


@pytest.mark.parametrize("env", ["local", "local-direct"])
def test_every_event_sent_is_a_row(laptop: Laptop, env: str) -> None:
    printed = json.loads(laptop.run("demo", "--count", "3000", "--env", env, "--json"))
    assert printed == json.loads((laptop.state / "demo.json").read_text())
    assert printed["events_sent"] == printed["rows_loaded"] == printed["distinct_event_ids"] == 3000
    assert printed["rows_with_file_row_and_load_time"] == 3000
    assert sum(printed["event_types"].values()) == 3000
    assert printed["properties_by_path"]["most_frequent"]
    assert 0 < printed["event_to_row_seconds"]["p50"] <= printed["event_to_row_seconds"]["max"]
    assert laptop.processes() == []


def test_bad_lines_cost_nothing_but_themselves(laptop: Laptop, tmp_path: Path) -> None:
    events = [
        {
            "event_id": f"e{number}",
            "event_type": "page_view",
            "timestamp": "2026-01-02T03:04:05Z",
            "tag": number,
        }
        for number in range(50)
    ]
    lines = [json.dumps(event).encode() for event in events]
    lines[10:10] = [b"garbage", b'{"event_type": "page_view", "timestamp": "2026-01-02T03:04:05Z"}']
    lines.insert(30, json.dumps({**events[0], "event_id": "huge", "blob": "x" * 2_000_000}).encode())
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    result = json.loads(laptop.run("demo", "--events", str(path), "--json"))
    assert (result["events_sent"], result["events_rejected"], result["rows_loaded"]) == (50, 3, 50)
    reasons = [json.loads(line) for line in (laptop.state / "demo-rejects.ndjson").read_text().splitlines()]
    assert [reject["line"] for reject in reasons] == [11, 12, 31]


def test_a_missing_file_is_told_before_anything_starts(laptop: Laptop) -> None:
    assert "cannot read nowhere.ndjson" in laptop.run("demo", "--events", "nowhere.ndjson", code=1)
    assert not (laptop.state / "demo").exists()


@pytest.mark.parametrize("moment", ["cloud.json", "logs/cdk-deploy.log"])
def test_ctrl_c_leaves_nothing_running(laptop: Laptop, moment: str) -> None:
    process = laptop.start("demo", "--count", "100")
    eventually(lambda: (laptop.state / "demo" / moment).exists() or process.poll() is not None, within=60)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages
    assert laptop.processes() == []
