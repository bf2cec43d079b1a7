"""`clickstream send` as users and scripts see it: output, files left behind, exit codes."""

from __future__ import annotations

import gzip
import json
import signal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import contract
from config.model import PipelineConfig
from laptop.testing.waiting import eventually
from producer import RECORD_KIB, generate
from tests.integration.producer.command import GOOD, ROOT, process, rejects, run, sent

pytestmark = pytest.mark.usefixtures("wire", "at_work_on_dev")


def test_a_file_of_valid_events(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD * 3)
    code, output = run("events.ndjson")
    assert code == 0, output
    assert len(sent(wire)) == 3
    assert "3 events" in output
    assert "Kinesis stream 'clickstream-dev-events' (eu-west-1)" in output
    assert "\x1b" not in output
    assert [path.name for path in Path().iterdir()] == ["events.ndjson"]


def test_signal_handlers_are_restored(wire: Any) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert run("--count", "1")[0] == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_json_for_scripts(wire: Any) -> None:
    code, output = run("--count", "50", "--seed", "4", "--json")
    account = json.loads(output)
    assert code == 0
    assert (account["read"], account["sent"], account["rejected"], account["rejects"]) == (50, 50, 0, None)
    assert account["target"] == {
        "kind": "kinesis",
        "name": "clickstream-dev-events",
        "region": "eu-west-1",
    }
    assert sent(wire) == [found.text.encode() for found in generate(contract.load(), count=50, seed=4)]


def test_bad_lines_are_kept_and_reported(wire: Any) -> None:
    Path("events.ndjson").write_bytes(GOOD + b"oops\n\n" + GOOD)
    code, output = run("events.ndjson")
    assert code == 3
    assert ["rejected", "1"] in [line.split() for line in output.splitlines()]
    assert "clickstream-rejects-" in output
    assert [(entry["line"], entry["event"]) for entry in rejects()] == [(2, "oops")]
    assert len(sent(wire)) == 2


def test_rejects_go_to_the_given_file(wire: Any) -> None:
    Path("events.ndjson").write_bytes(b"oops\n")
    assert run("events.ndjson", "--rejects", "bad.ndjson", "--json")[0] == 3
    assert json.loads(Path("bad.ndjson").read_text())["line"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a FILE (- is stdin), or generate events"),
        (["events.ndjson", "--count", "3"], "--count and --seed are for generated events"),
        (["events.ndjson", "--seed", "3"], "--count and --seed are for generated events"),
        (["--rate", "0"], "--rate must be above 0"),
        (["--count", "0"], "--count"),
        (["--count", "1", "--record-kib", "1001"], "--record-kib"),
        (["--count", "1", "--stream", "a", "--delivery-stream", "b"], "exclude each other"),
        (["--count", "1", "--env", "absent"], "no environment 'absent'"),
        (["--count", "1", "--events", "orders"], "no event stream 'orders'; it has clicks"),
        (["events.ndjson", "--rejects", "events.ndjson"], "is the input file"),
        (["--count", "1", "--resume"], "--resume needs a FILE: stdin and generated events cannot be read"),
        (["-", "--resume"], "--resume needs a FILE: stdin and generated events cannot be read"),
        (["/dev/null", "--resume"], "--resume needs a file: /dev/null cannot be read a second time"),
        (["events.ndjson", "--dry-run", "--resume"], "--resume and --dry-run exclude each other"),
        (["--count", "1", "--dry-run", "--spool", "s"], "--spool and --dry-run exclude each other"),
        (["events.ndjson", "--spool", "s"], "--spool is for stdin and generated events"),
        (["--count", "1", "--spool-mib", "1"], "--spool-mib needs --spool"),
    ],
)
def test_wrong_usage(wire: Any, arguments: list[str], said: str) -> None:
    Path("events.ndjson").write_bytes(GOOD)
    code, output = run(*arguments)
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
        (["blank.ndjson"], "no events in blank.ndjson"),
        (["events.ndjson", "--rejects", "absent/r.ndjson"], "cannot write rejects to absent/r.ndjson"),
    ],
)
def test_input_and_output_errors(wire: Any, arguments: list[str], said: str) -> None:
    Path("empty.ndjson").touch()
    Path("blank.ndjson").write_bytes(b"\n \n\n")
    Path("events.ndjson").write_bytes(GOOD)
    code, output = run(*arguments)
    assert code == 1
    assert said in output
    assert wire.requests == []


def test_a_missing_stream_keeps_the_events(wire: Any) -> None:
    wire.script = [(400, {"__type": "ResourceNotFoundException", "message": "gone"})]
    code, output = run("--count", "5")
    assert code == 1
    assert "check the name, the region and that the stack is deployed (stopped after line 5)" in output
    assert len(rejects()) == 5


@pytest.mark.parametrize("arguments", [["--stream", "a"], []])
def test_a_missing_region_is_an_error_with_advice(
    wire: Any, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    code, output = run("--count", "1", *arguments)
    assert code == 2
    assert "set AWS_REGION" in output or "or AWS_REGION" in output


@pytest.mark.parametrize("arguments", [["--env", "local"], ["--stream", "mine"]])
def test_a_dry_run_needs_no_deployment_and_sends_nothing(wire: Any, arguments: list[str]) -> None:
    Path("events.ndjson").write_bytes(GOOD * 2)
    code, output = run("events.ndjson", "--dry-run", *arguments)
    assert code == 0
    assert "2 events (dry run: nothing sent)" in output
    assert wire.requests == []


def test_a_named_stream_is_used_instead_of_the_environments(wire: Any) -> None:
    assert run("--count", "2", "--stream", "mine")[0] == 0
    assert run("--count", "2", "--delivery-stream", "yours")[0] == 0
    assert [
        (operation, request.get("StreamName") or request.get("DeliveryStreamName"))
        for operation, request in wire.requests
    ] == [("PutRecords", "mine"), ("PutRecordBatch", "yours")]


@pytest.mark.parametrize(
    "content",
    [
        b"[" + GOOD.strip() + b"," + GOOD + b"]",
        json.dumps([json.loads(GOOD)] * 2, indent=2).encode(),
        GOOD.strip() * 2,
    ],
    ids=["array", "pretty", "joined"],
)
def test_json_that_is_not_one_event_a_line_is_sent_all_the_same(wire: Any, content: bytes) -> None:
    Path("events.json").write_bytes(content)
    assert run("events.json")[0] == 0
    assert [json.loads(event) for event in sent(wire)] == [json.loads(GOOD)] * 2


def test_another_format_is_named_once(wire: Any) -> None:
    Path("events.csv").write_bytes(b"event_id,event_type\ne1,click\ne2,click\n")
    code, output = run("events.csv")
    assert code == 1
    assert output.count("the input looks like CSV, and JSON is needed: mlr") == 1
    assert wire.requests == []
    assert not list(Path().glob("*rejects*"))


def test_bytes_after_the_gzip_cost_no_event(wire: Any) -> None:
    """The last event has no line break, and its gzip member is whole."""
    Path("events.gz").write_bytes(gzip.compress((GOOD * 3).strip()) + b"garbage")
    code, output = run("events.gz")
    assert code == 3
    assert sent(wire) == [GOOD.strip()] * 3
    assert "the gzip data is corrupt" in output


@pytest.mark.parametrize(("unlisted", "count"), [("folded", 1), ("left out", 0)])
def test_names_are_judged_as_the_environment_treats_them(
    wire: Any, unlisted: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate puts any name into `properties`; without one, a name that the pipe fills has no place."""
    monkeypatch.setattr(PipelineConfig, "unlisted", unlisted)
    Path("events.ndjson").write_bytes(GOOD.replace(b"{", b'{"source_file": "mine", '))
    run("events.ndjson")
    assert len(sent(wire)) == count


def test_the_first_three_reasons_are_shown() -> None:
    Path("events.ndjson").write_bytes(GOOD + b"oops\n" * 4)
    _, output = run("events.ndjson")
    reasons = [line.split()[:3] for line in output.splitlines() if line.startswith("line ")]
    assert reasons == [["line", "2", "not"], ["line", "3", "not"], ["line", "4", "not"]]


def test_rejects_file_and_checkpoint_are_ignored_by_git() -> None:
    Path("events.ndjson").write_bytes(b"oops\n")
    run("events.ndjson")
    (file,) = Path().glob("*rejects*")
    ignored = ROOT.joinpath(".gitignore").read_text().splitlines()
    for name in (file.name, "events.ndjson.checkpoint"):
        assert any(fnmatch(name, pattern) for pattern in ignored)


def test_help_has_examples() -> None:
    code, output = run("--help")
    assert code == 0
    assert f"[default: ({RECORD_KIB});" in " ".join(output.split())
    for text in ("clickstream send events.ndjson.gz", "clickstream send --rate 20", "Exit codes", "130"):
        assert text in output


def test_input_from_a_pipe_is_sent_before_its_end(wire: Any) -> None:
    with process("-") as child:
        assert child.stdin
        child.stdin.write(GOOD)
        child.stdin.flush()
        eventually(lambda: wire.requests, within=120)
        assert sent(wire) == [GOOD.strip()]
        child.stdin.write(GOOD * 2)
        output, said = child.communicate(timeout=120)
    assert child.returncode == 0, said
    assert len(sent(wire)) == 3
    assert b"3 events" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_sends_the_lines_read_so_far_and_reports_it(wire: Any, number: signal.Signals) -> None:
    with process("--rate", "200", "--json") as child:
        eventually(lambda: wire.requests, within=120)
        child.send_signal(number)
        output, said = child.communicate(timeout=120)
    account = json.loads(output)
    assert child.returncode == 130
    assert account["interrupted"] is True
    assert account["sent"] == account["read"] == len(sent(wire)) > 0
    assert f"interrupted after line {account['last_line']}".encode() in said
