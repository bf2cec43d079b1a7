"""`clickstream send` as people and scripts meet it: output, files left behind, exit codes."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import contract
from cli.commands.send import register
from cli.output import CommandError
from laptop.testing.waiting import eventually
from producer import Target, generate

ROOT = Path(__file__).parents[3]
GOOD = b'{"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}\n'
# What cli.main does, with an environment of our own.
SCRIPT = """
import sys, typer
from cli.entry import run
from cli.commands.send import register
from producer import Target
import contract
app = typer.Typer()
register(app, load_contract=lambda env, events: contract.load(), resolve_target=lambda env, events: Target(
    kind="firehose", name="clicks", region="eu-west-1", endpoint_url=sys.argv[1], credentials=("test", "test")))
run(lambda: app(sys.argv[2:]))
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def run(url: str, *arguments: str) -> tuple[int, str]:
    """Exit code, and everything that was said."""

    def resolve(env: str, events: str) -> Target:
        if env != "local":
            raise CommandError(f"environment {env!r} is not deployed")
        return Target(
            kind="firehose", name="clicks", region="eu-west-1", endpoint_url=url, credentials=("t", "t")
        )

    app = typer.Typer()
    register(app, resolve_target=resolve, load_contract=lambda env, events: contract.load())
    result: Result = CliRunner().invoke(app, [*arguments])
    if isinstance(result.exception, CommandError):
        return result.exception.exit_code, result.output + str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@contextmanager
def process(url: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, which does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def sent(wire: Any) -> list[bytes]:
    return [
        event
        for _, request in wire.requests
        for record in request["Records"]
        for event in base64.b64decode(record["Data"]).split(b"\n")
    ]


def rejects() -> list[dict[str, Any]]:
    (file,) = Path().glob("clickstream-rejects-*.ndjson")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_file_that_is_all_events(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD * 3)
    code, output = run(wire.url, "events.ndjson")
    assert code == 0, output
    assert len(sent(wire)) == 3
    assert "3 events" in output
    assert "Firehose delivery stream 'clicks'" in output
    assert "\x1b" not in output
    assert [path.name for path in Path().iterdir()] == ["events.ndjson"]


def test_signals_are_given_back(wire: Any) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert run(wire.url, "--count", "1")[0] == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_json_for_scripts(wire: Any) -> None:
    code, output = run(wire.url, "--count", "50", "--seed", "4", "--json")
    account = json.loads(output)
    assert code == 0
    assert (account["read"], account["sent"], account["rejected"], account["rejects"]) == (50, 50, 0, None)
    assert account["target"] == {"kind": "firehose", "name": "clicks", "region": "eu-west-1"}
    assert sent(wire) == [line.data for line in generate(contract.load(), count=50, seed=4)]


def test_bad_lines_are_kept_and_told(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD + b"oops\n\n" + GOOD)
    code, output = run(wire.url, "events.ndjson")
    assert code == 3
    assert "1 (1 blank lines skipped)" in output
    assert "clickstream-rejects-" in output
    assert [(entry["line"], entry["event"]) for entry in rejects()] == [(2, "oops")]
    assert len(sent(wire)) == 2


def test_rejects_go_where_they_are_wanted(wire: Any) -> None:
    Path("events.ndjson").write_bytes(b"oops\n")
    assert run(wire.url, "events.ndjson", "--rejects", "bad.ndjson", "--json")[0] == 3
    assert json.loads(Path("bad.ndjson").read_text())["line"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a FILE (- is stdin), or ask for made-up events"),
        (["events.ndjson", "--count", "3"], "--count and --seed are for made-up events"),
        (["events.ndjson", "--seed", "3"], "--count and --seed are for made-up events"),
        (["--rate", "0"], "--rate must be above 0"),
        (["--count", "0"], "--count"),
        (["--count", "1", "--record-kib", "1001"], "--record-kib"),
        (["--count", "1", "--stream", "a", "--delivery-stream", "b"], "exclude each other"),
        (["--count", "1", "--stream", "a"], "no AWS region is set"),
        (["events.ndjson", "--rejects", "events.ndjson"], "is the file that is read"),
    ],
)
def test_wrong_usage(wire: Any, arguments: list[str], said: str) -> None:
    Path("events.ndjson").write_bytes(GOOD)
    code, output = run(wire.url, *arguments)
    assert code == 2
    assert said in " ".join(output.replace("│", " ").split())  # usage errors come in a box
    assert wire.requests == []
    assert Path("events.ndjson").read_bytes() == GOOD


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.ndjson"], "cannot read absent.ndjson: no such file or directory"),
        (["."], "it is a directory"),
        (["empty.ndjson"], "no events in empty.ndjson: the file is empty"),
        (["blank.ndjson"], "no events in blank.ndjson (3 blank lines)"),
        (["events.ndjson", "--env", "dev"], "environment 'dev' is not deployed"),
        (["events.ndjson", "--rejects", "absent/r.ndjson"], "cannot write rejects to absent/r.ndjson"),
    ],
)
def test_nothing_could_be_done(wire: Any, arguments: list[str], said: str) -> None:
    Path("empty.ndjson").touch()
    Path("blank.ndjson").write_bytes(b"\n \n\n")
    Path("events.ndjson").write_bytes(GOOD)
    code, output = run(wire.url, *arguments)
    assert code == 1
    assert said in output
    assert wire.requests == []


def test_no_such_stream_keeps_the_events(wire: Any) -> None:
    wire.script = [(400, {"__type": "ResourceNotFoundException", "message": "gone"})]
    code, output = run(wire.url, "--count", "5")
    assert code == 1
    assert "check the name, the region and that the stack is deployed (stopped after line 5)" in output
    assert len(rejects()) == 5


def test_a_dry_run_needs_no_stage_and_sends_nothing(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD * 2)
    code, output = run(wire.url, "events.ndjson", "--dry-run", "--env", "absent")
    assert code == 0
    assert "2 events (dry run: nothing sent)" in output
    assert wire.requests == []


def test_a_named_stream_is_used_instead_of_the_stages(wire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    assert run("http://127.0.0.1:9", "--count", "2", "--stream", "mine")[0] == 0
    assert run("http://127.0.0.1:9", "--count", "2", "--delivery-stream", "yours")[0] == 0
    assert [
        (operation, request.get("StreamName") or request.get("DeliveryStreamName"))
        for operation, request in wire.requests
    ] == [("PutRecords", "mine"), ("PutRecordBatch", "yours")]


def test_help_teaches() -> None:
    code, output = run("", "--help")
    assert code == 0
    for text in ("clickstream send events.ndjson.gz", "clickstream send --rate 20", "Exit codes", "130"):
        assert text in output


def test_a_pipe_is_sent_before_it_ends(wire: Any) -> None:
    with process(wire.url, "-") as child:
        assert child.stdin
        child.stdin.write(GOOD)
        child.stdin.flush()
        eventually(lambda: wire.requests, within=20)
        assert sent(wire) == [GOOD.strip()]
        child.stdin.write(GOOD * 2)
        output, said = child.communicate(timeout=20)
    assert child.returncode == 0, said
    assert len(sent(wire)) == 3
    assert b"3 events" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_sends_what_was_read_and_says_so(wire: Any, number: signal.Signals) -> None:
    with process(wire.url, "--rate", "200", "--json") as child:
        eventually(lambda: wire.requests, within=20)
        child.send_signal(number)
        output, said = child.communicate(timeout=20)
    account = json.loads(output)
    assert child.returncode == 130
    assert account["interrupted"] is True
    assert account["sent"] == account["read"] == len(sent(wire)) > 0
    assert f"interrupted after line {account['last_line']}".encode() in said
