"""`clickstream rejects` as users and scripts see it, against the emulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.output import CommandError
from config.model import PipelineConfig
from config.sections.gate import GateConfig
from producer.checking import Reject
from producer.rejects import RejectsFile
from tests.integration.producer.conftest import lead_clients_to
from tests.integration.rejects.conftest import Environment


def run(*arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and all output."""
    result = CliRunner().invoke(app, ["rejects", *arguments])
    if isinstance(result.exception, CommandError):
        return result.exception.exit_code, result.output + str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def as_json(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["rejects", *arguments, "--json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_list_shows_both_kinds_once_and_counts_them(deployed: Environment) -> None:
    kept = deployed.reject(b"one", b"two", name="7")
    deployed.s3.copy_object(
        Bucket=deployed.bucket,
        Key=kept.replace(".ndjson", "-again.ndjson"),
        CopySource=f"{deployed.bucket}/{kept}",
    )
    deployed.fail(b"three", name="x")
    code, output = run("list")
    assert code == 0
    assert [output.count(text) for text in ("s:7:0", "s:7:1", "Lambda.FunctionTimedOut: took too long")] == [
        1,
        1,
        1,
    ]
    assert output.splitlines()[-1] == "not_json: 2, processing_failed: 1"
    listed = as_json("list", "--reason", "not_json", "--limit", "1")
    assert (len(listed["rejects"]), listed["total"], listed["by_reason"]) == (1, 2, {"not_json": 2})


def test_every_type_of_error_and_a_producers_file_are_listed_and_shown(
    deployed: Environment, tmp_path: Path
) -> None:
    deployed.fail(b"unconverted", name="x", failure="format-conversion-failed")
    key = f"{deployed.clicks.error_prefix}a-type-to-come/dt={datetime.now(UTC):%Y-%m-%d}/x"
    deployed.s3.put_object(Bucket=deployed.bucket, Key=key, Body=b"\x1f\x8bdamaged")
    path = tmp_path / "rejects.ndjson"
    with RejectsFile(path) as rejects:
        rejects.add_reject(Reject(3, "not JSON", b"\xff unsent"))
    listed = as_json("list", "--file", str(path))
    assert listed["by_reason"] == {"format_conversion_failed": 1, "unreadable": 1, "not_sent": 1}
    ids = {entry["reason"]: entry["id"] for entry in listed["rejects"]}
    for reason, data in (
        ("format_conversion_failed", b"unconverted"),
        ("unreadable", b"\x1f\x8bdamaged"),
        ("not_sent", b"\xff unsent"),
    ):
        shown = CliRunner().invoke(app, ["rejects", "show", ids[reason], "--raw", "--file", str(path)])
        assert shown.stdout_bytes == data
        assert as_json("list", "--file", str(path), "--reason", reason)["total"] == 1
    code, output = run("redrive", ids["unreadable"])
    assert (code, "the object is damaged" in output) == (3, True)


def test_list_of_nothing_says_so(deployed: Environment) -> None:
    unasked = "what Snowflake refused to load is not listed: no Snowflake here\n"
    assert run("list")[1].startswith(f"{unasked}no rejects since ")
    deployed.reject(b"one", name="7")
    output = run("list", "--since", "2099-01-01")[1]
    assert output.startswith(f"{unasked}no rejects since 2099-01-01 00:00 UTC\n")


def test_show_has_everything_about_one(deployed: Environment) -> None:
    key = deployed.reject(b"one", b"\xff {\n", name="7")
    code, output = run("show", "s:7:1")
    assert code == 0
    for text in ("not_json", "not JSON", "shardId s, sequenceNumber 7", key, "\\xff {"):
        assert text in output
    raw = CliRunner().invoke(app, ["rejects", "show", "s:7:1", "--raw"])
    assert raw.stdout_bytes == b"\xff {\n"
    assert as_json("show", "s:7:0")["text"] == "one"
    code, output = run("show", "s:8:0")
    assert code == 1
    assert "no reject 's:8:0' since" in output


def event(event_id: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    return json.dumps(
        {"event_id": event_id, "event_type": "click", "page_id": "p", "timestamp": now}
    ).encode()


def test_redrive_writes_events_into_the_lake_once(deployed: Environment) -> None:
    deployed.reject(event("a"), b"\xff\n", name="7")
    deployed.fail(event("b") + b"\n" + event("c"), name="x")
    assert as_json("redrive", "--since", "1h", "--dry-run")["events"] == 3
    assert deployed.lake() == []
    code, output = run("redrive", "--since", "1h")
    assert code == 3
    assert "s:7:1: still rejected: not UTF-8" in output
    assert deployed.lake() == ["a", "b", "c"]
    assert run("list")[1].count("redriven 20") == 2
    again = as_json("redrive", "--since", "1h")
    assert (again["sent"], again["redriven_before"]) == (0, 2)
    assert deployed.lake() == ["a", "b", "c"]


def test_redrive_of_some(deployed: Environment) -> None:
    deployed.reject(event("a"), event("b"), name="7")
    deployed.fail(event("c"), name="x")
    assert run("redrive", "s:7:1")[0] == 0
    assert deployed.lake() == ["b"]
    assert run("redrive", "--reason", "processing_failed")[0] == 0
    assert deployed.lake() == ["b", "c"]
    assert as_json("show", "s:7:1")["redriven"].startswith("20")
    assert as_json("show", "s:7:0")["redriven"] is None


def test_redrive_of_what_is_not_there(deployed: Environment) -> None:
    deployed.reject(event("a"), name="7")
    code, output = run("redrive", "s:7:0", "s:9:9")
    assert code == 3
    assert ["not", "found", "s:9:9"] in [line.split() for line in output.splitlines()]
    assert deployed.lake() == ["a"]
    assert run("redrive", "s:9:9")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["redrive"], "select rejects: by ID, by --reason, or all of a period with --since 24h"),
        (["redrive", "--since", "1h", "--events", "orders"], "no event stream 'orders'; it has clicks"),
        (["list", "--since", "soon"], "'soon' is no time; allowed: 90m"),
        (["list", "--reason", "bad"], "--reason 'bad' is unknown; allowed: not_utf8,"),
        (["list", "--env", "absent"], "no environment 'absent'"),
        (["show"], "Missing argument 'ID'"),
    ],
)
def test_wrong_usage(deployed: Environment, arguments: list[str], said: str) -> None:
    code, output = run(*arguments)
    assert code == 2
    assert said in " ".join(output.split())


def test_without_a_gate_nothing_is_redriven(deployed: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.reject(b"one", name="7")
    off = deployed.config.model_copy(update={"gate": GateConfig(enabled=False)})
    monkeypatch.setattr("cli.deployment.load_config", lambda env, **options: off)
    code, output = run("redrive", "--since", "1h")
    assert code == 2
    assert "the gate of environment dev is off" in output
    assert deployed.lake() == []
    assert "the gate of environment dev is off" in run("list", "--since", "2099-01-01")[1]


def test_an_environment_that_is_not_deployed(deployed: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PipelineConfig, "prefix", "absent")
    code, output = run("list")
    assert code == 1
    assert "stack absent-Storage is not deployed, so there is no lake" in output


def test_an_account_that_cannot_be_reached(deployed: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_clients_to("http://127.0.0.1:9", monkeypatch)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    code, output = run("list")
    assert code == 1
    assert "cannot query CloudFormation" in output
