"""`clickstream send --resume` after a kill."""

from __future__ import annotations

import base64
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from laptop.testing.waiting import eventually
from tests.integration.producer.command import GOOD, process, rejects, run, sent

pytestmark = pytest.mark.usefixtures("wire", "at_work_on_dev")


def test_a_killed_command_is_resumed(wire: Any) -> None:
    """The first call is confirmed; the second is under way when the process is killed."""
    events = [GOOD.replace(b"e1", b"e%d" % number) for number in range(9_000)]
    Path("events.gz").write_bytes(gzip.compress(b"oops\n" + b"".join(events), mtime=0))
    wire.script = [None, *["drop"] * 99]
    with process("events.gz", "--record-kib", "1") as child:
        eventually(lambda: len(wire.requests) > 1, within=120)
        child.kill()
    wire.script.clear()
    confirmed = sum(event_count(request) for _, request in wire.requests[:1])
    in_doubt = event_count(wire.requests[1][1])

    code, output = run("events.gz", "--record-kib", "1")
    assert code == 1
    assert f"{confirmed:,} events are confirmed; --resume sends the rest" in output
    del wire.requests[1:]
    code, output = run("events.gz", "--record-kib", "1", "--resume", "--rejects", "other.ndjson")
    assert code == 2
    assert "leave --rejects out" in output
    code, output = run("events.gz", "--resume", "--json")
    account = json.loads(output)
    assert code == 3  # one text is no event
    assert account["resumed"] == {
        "sent": confirmed,
        "rejected": 1,
        "failed": 0,
        "in_doubt": in_doubt,
        "line": confirmed + 1,
    }
    assert sent(wire) == [event.strip() for event in events]
    assert [entry["event"] for entry in rejects()] == ["oops"]
    assert not list(Path().glob("*.checkpoint*"))


def event_count(request: dict[str, Any]) -> int:
    return sum(base64.b64decode(record["Data"]).count(b"\n") + 1 for record in request["Records"])


def test_without_a_checkpoint_all_is_sent_with_a_note(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD)
    code, output = run("events.ndjson", "--resume")
    assert code == 0
    assert "nothing to resume: there is no events.ndjson.checkpoint; sending all of events.ndjson" in output
    assert len(sent(wire)) == 1


def test_in_a_folder_that_cannot_be_written_there_is_no_checkpoint(
    wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("events.ndjson").write_bytes(GOOD)
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != Path.cwd() / "." and access(path, mode)
    )
    code, output = run("events.ndjson", "--rejects", "/dev/null")
    assert code == 0
    assert "without a checkpoint there, --resume will not work" in output
