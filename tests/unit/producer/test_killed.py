"""A producer that is killed at any line of its code loses nothing that it can resume, or has spooled."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import contract
from producer import DocumentChecker, Event
from tests.unit.producer.conftest import documents_of

ROOT = Path(__file__).parents[3]
SEEDS = range(10)


def killed(way: str, folder: Path) -> list[dict[str, Any]]:
    """Run the program for every seed; return what it says about each."""
    command = [sys.executable, "-m", "tests.unit.producer.killed", way, str(folder), *map(str, SEEDS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(SEEDS)
    assert sum(report["kills"] for report in reports) > len(SEEDS)
    return reports


def test_every_event_of_a_file_is_accounted_for(tmp_path: Path) -> None:
    reports = killed("resumed", tmp_path)
    assert sum(report["in_doubt"] for report in reports) > 0
    for report in reports:
        check(tmp_path / str(report["seed"]), report)


def test_no_spooled_event_is_lost(tmp_path: Path) -> None:
    spooled = 0
    for run in killed("spooled", tmp_path):
        folder = tmp_path / str(run["seed"])
        accepted = Counter(
            json.loads(event)["event_id"] for event in (folder / "log").read_bytes().splitlines()
        )
        assert not list_of(folder / "rejects")
        for report in folder.glob("report-*"):
            batch = int(report.name.removeprefix("report-"))
            spooled += json.loads(report.read_text())["spooled"]
            assert {f"e{number}" for number in range(10 * batch, 10 * batch + 10)} <= set(accepted), report
        assert accepted.total() - len(accepted) <= 10 * run["kills"], run
    assert spooled > len(SEEDS)


def check(folder: Path, report: dict[str, Any]) -> None:
    """Compare what was accepted, what was listed and what was reported with the input."""
    data = (folder / "events").read_bytes()
    text = gzip.decompress(data) if data.startswith(b"\x1f") else data
    checker = DocumentChecker(contract.load(), max_bytes=1024**2)
    verdicts = [checker.check(found) for found in documents_of(text)]
    events = {verdict.data for verdict in verdicts if isinstance(verdict, Event)}
    accepted = Counter((folder / "log").read_bytes().splitlines())
    listed = list_of(folder / "rejects")
    not_accepted = [entry["event"].encode() for entry in listed if "offered" in why(entry)]
    no_events = [(entry["line"], entry["event"].encode()) for entry in listed if "offered" not in why(entry)]

    assert set(accepted) | set(not_accepted) == events, report
    assert len(set(not_accepted)) == len(not_accepted)
    assert sorted(no_events) == sorted((one.line, one.data) for one in verdicts if not isinstance(one, Event))
    doubled = accepted.total() + len(not_accepted) - len(events)
    assert doubled <= report["in_doubt"] <= 25 * report["kills"], report
    assert report["sent"] + report["failed"] == len(events), report
    assert (report["rejected"], report["failed"]) == (len(no_events), len(not_accepted)), report
    assert not (folder / "events.checkpoint").exists()


def list_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def why(entry: dict[str, Any]) -> str:
    return str(entry["reason"]).replace("the login has expired", "offered")
