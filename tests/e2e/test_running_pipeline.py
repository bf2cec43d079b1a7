"""What holds of a pipeline that runs: replacing its pipe loses nothing, and its secrets stay where they belong."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from laptop.testing.waiting import eventually
from tests.e2e.conftest import ROOT, Laptop, connect

# Where secrets belong: key files, the stand-in's own credentials, and what the emulator keeps for the services that
# hold them (asked through their interfaces below).
_BELONG = ("*.p8", "snowflake/*", "aws/services/*")
_ACCESS_KEY = "AWS::IAM::AccessKey"
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def aws(running: Laptop) -> Client:
    return partial(connect, running.settings())


def test_a_pipe_replaced_twice_under_traffic_loses_and_doubles_nothing(running: Laptop, aws: Client) -> None:
    before = _rows(running)[0]
    producer = running.start("send", "--rate", "150", "--json")
    try:
        eventually(lambda: _rows(running)[0] > before, within=60)
        made = []
        for on_error in ("SKIP_FILE", "CONTINUE"):
            _update_pipe(aws("cloudformation"), OnError=on_error)
            made.append(_pipe(running))
            assert f"ON_ERROR = {on_error}" in made[-1]["definition"]
            assert producer.poll() is None, "the producer ended before the replacement did"
        assert made[0]["created_on"] != made[1]["created_on"]
    finally:
        producer.send_signal(signal.SIGINT)
        output, messages = producer.communicate(timeout=60)
    assert producer.returncode == 130, messages
    sent = before + json.loads(output)["sent"]
    eventually(lambda: _rows(running)[0] >= sent, within=60)
    assert _rows(running) == (sent, sent)


def test_the_runbooks_sql_runs(running: Laptop) -> None:
    page = (ROOT / "docs" / "runbook.md").read_text()
    statements = re.findall(r"^```sql\n(.*?);\n```", page, re.DOTALL | re.MULTILINE)
    assert len(statements) > 5
    integration = "VALIDATE_STORAGE_INTEGRATION"  # this environment reads by a user
    for statement in statements:
        if integration not in statement:
            running.query(statement)
    state = running.query("SELECT SYSTEM$PIPE_STATUS('CLICKSTREAM.RAW.CLICK_EVENTS_PIPE') AS STATUS")
    assert json.loads(state[0]["STATUS"])["executionState"] == "RUNNING"


def test_no_secret_is_where_it_does_not_belong(running: Laptop, aws: Client) -> None:
    running.run("send", "--count", "10")
    secrets = _secrets(running.state, aws)
    kinds = [name.partition(" of ")[0] for name in secrets]
    assert {"aws_access_key_id", "aws_secret_access_key", "admin.p8", "deploy.p8", "monitor.p8"} <= set(kinds)
    assert kinds.count("private_key") == 2, "the deployment's and the monitor's"
    places = dict(_places(running, aws))
    assert {"templates", "events", "logs of the Lambdas"} <= {place.split(":")[0] for place in places}
    assert _found(secrets, places) == []
    # The search itself must be able to find: each secret, planted.
    for name, parts in secrets.items():
        assert f"{name} in planted" in _found(secrets, {"planted": f"x{parts[-1]}x"})


def _found(secrets: dict[str, list[str]], places: dict[str, str]) -> list[str]:
    return sorted(
        f"{name} in {place}"
        for place, text in places.items()
        for name, parts in secrets.items()
        if any(part in text for part in parts)
    )


def _secrets(state: Path, aws: Client) -> dict[str, list[str]]:
    """Each secret by name; a key as the lines of its body, since a log may break it differently."""
    manager, found = aws("secretsmanager"), {}
    for page in manager.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            value = json.loads(manager.get_secret_value(SecretId=secret["ARN"])["SecretString"])
            found.update({f"{name} of {secret['Name']}": _parts(text) for name, text in value.items()})
    return {**found, **{path.name: _parts(path.read_text()) for path in state.rglob("*.p8")}}


def _parts(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("-----")]
    # The first line of every PKCS#8 key is mostly the same.
    return lines[1:] if len(lines) > 2 else lines


def _places(laptop: Laptop, aws: Client) -> Iterator[tuple[str, str]]:
    """Every place that people or other services can read, as text."""
    root = laptop.state / "up"
    for path in root.rglob("*"):
        inside = path.relative_to(root)
        if path.is_file() and not any(
            inside.match(pattern) or _under(inside, pattern) for pattern in _BELONG
        ):
            yield f"file: {inside}", path.read_bytes().decode(errors="replace")
    yield from _stacks(aws("cloudformation"))
    yield from _configuration(aws)
    yield from _lambda_logs(aws("logs"))


def _under(path: Path, pattern: str) -> bool:
    return any(parent.match(pattern) for parent in path.parents)


def _stacks(cloudformation: Any) -> Iterator[tuple[str, str]]:
    for stack in cloudformation.describe_stacks()["Stacks"]:
        name = stack["StackName"]
        yield f"stack: {name}", _text(stack)
        yield f"templates: {name}", _text(cloudformation.get_template(StackName=name)["TemplateBody"])
        for what, items in {
            "events": cloudformation.describe_stack_events(StackName=name)["StackEvents"],
            "resources": cloudformation.describe_stack_resources(StackName=name)["StackResources"],
            "change sets": _change_sets(cloudformation, name),
        }.items():
            yield f"{what}: {name}", _text([_without_key_id(item) for item in items])
    yield "exports", _text(cloudformation.list_exports()["Exports"])


def _change_sets(cloudformation: Any, stack: str) -> list[dict[str, Any]]:
    found = cloudformation.list_change_sets(StackName=stack)["Summaries"]
    return [
        cloudformation.describe_change_set(ChangeSetName=item["ChangeSetName"], StackName=stack)
        for item in found
    ]


def _without_key_id(item: dict[str, Any]) -> dict[str, Any]:
    """An access key's physical id is its key id, in AWS too: a name, which opens nothing without its other half."""
    if item.get("ResourceType") != _ACCESS_KEY:
        return item
    return {key: value for key, value in item.items() if key != "PhysicalResourceId"}


def _configuration(aws: Client) -> Iterator[tuple[str, str]]:
    for function in aws("lambda").list_functions()["Functions"]:
        yield f"function: {function['FunctionName']}", _text(function)


def _lambda_logs(logs: Any) -> Iterator[tuple[str, str]]:
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for stream in logs.describe_log_streams(logGroupName=name)["logStreams"]:
            events = logs.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"])["events"]
            yield f"logs of the Lambdas: {name} {stream['logStreamName']}", _text(events)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, default=str)


def _rows(laptop: Laptop) -> tuple[int, int]:
    (row,) = laptop.query(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT event_id) AS d FROM click_events WHERE NOT STARTSWITH(event_type, '_')"
    )
    return int(row["N"]), int(row["D"])


def _pipe(laptop: Laptop) -> dict[str, Any]:
    (row,) = laptop.query("SHOW PIPES")
    return row


def _update_pipe(cloudformation: Any, **properties: str) -> None:
    """Deploy the landing with other properties of its pipe, as a changed config would."""
    stack = next(
        stack["StackName"]
        for stack in cloudformation.describe_stacks()["Stacks"]
        if "landing" in stack["StackName"].lower()
    )
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    template = json.loads(_text(body))
    (pipe,) = [r for r in template["Resources"].values() if r["Type"] == "Custom::SnowflakePipe"]
    pipe["Properties"].update(properties)
    cloudformation.update_stack(
        StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    eventually(lambda: not status().endswith("IN_PROGRESS"), within=120)
    assert status() == "UPDATE_COMPLETE"
