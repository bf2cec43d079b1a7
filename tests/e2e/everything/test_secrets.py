"""After all tests before this one, no secret is outside the places made for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.everything.conftest import Pipeline

# Places made for secrets: key files, the stand-in's own credentials, and the emulator's state of the services that
# hold them (queried through their APIs below).
_BELONG = ("*.p8", "snowflake/*", "aws/services/*")
_ACCESS_KEY = "AWS::IAM::AccessKey"


def test_no_secret_is_outside_its_places(pipeline: Pipeline) -> None:
    secrets = _secrets(pipeline)
    kinds = [name.partition(" of ")[0] for name in secrets]
    assert {"aws_access_key_id", "aws_secret_access_key", "admin.p8"} <= set(kinds)
    assert kinds.count("private_key") == 2, "the deployment's and the monitor's"
    places = dict(_places(pipeline))
    assert {"templates", "events", "logs of the Lambdas"} <= {place.split(":")[0] for place in places}
    assert _found(secrets, places) == []
    # Prove that the search works: plant each secret and find it.
    for name, parts in secrets.items():
        assert f"{name} in planted" in _found(secrets, {"planted": b"x" + parts[-1] + b"x"})


def _found(secrets: dict[str, list[bytes]], places: dict[str, bytes]) -> list[str]:
    return sorted(
        f"{name} in {place}"
        for place, text in places.items()
        for name, parts in secrets.items()
        if any(part in text for part in parts)
    )


def _secrets(pipeline: Pipeline) -> dict[str, list[bytes]]:
    """Each secret by name; a key as a few lines of its body, since a log may wrap it differently."""
    manager, found = pipeline.client("secretsmanager"), {}
    for page in manager.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            value = json.loads(manager.get_secret_value(SecretId=secret["ARN"])["SecretString"])
            found.update({f"{name} of {secret['Name']}": _parts(text) for name, text in value.items()})
    return {**found, **{path.name: _parts(path.read_text()) for path in pipeline.state.rglob("*.p8")}}


def _parts(text: str) -> list[bytes]:
    lines = [line.encode() for line in text.splitlines() if not line.startswith("-----")]
    # The first lines of all PKCS#8 keys are much alike.
    return lines[1::6] if len(lines) > 2 else lines


def _places(pipeline: Pipeline) -> Iterator[tuple[str, bytes]]:
    """Every place that people or other services can read."""
    root = pipeline.state / "up"
    for path in root.rglob("*"):
        inside = path.relative_to(root)
        if path.is_file() and not any(
            inside.match(pattern) or _under(inside, pattern) for pattern in _BELONG
        ):
            yield f"file: {inside}", path.read_bytes()
    for place, text in (
        *_stacks(pipeline.client("cloudformation")),
        *_configuration(pipeline.client("lambda")),
        *_lambda_logs(pipeline.client("logs")),
    ):
        yield place, text.encode()


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
    """Leave out an access key's physical id: its key ID, as in AWS, which is useless without the secret half."""
    if item.get("ResourceType") != _ACCESS_KEY:
        return item
    return {key: value for key, value in item.items() if key != "PhysicalResourceId"}


def _configuration(functions: Any) -> Iterator[tuple[str, str]]:
    for function in functions.list_functions()["Functions"]:
        yield f"function: {function['FunctionName']}", _text(function)


def _lambda_logs(logs: Any) -> Iterator[tuple[str, str]]:
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for stream in logs.describe_log_streams(logGroupName=name)["logStreams"]:
            events = logs.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"])["events"]
            yield f"logs of the Lambdas: {name} {stream['logStreamName']}", _text(events)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, default=str)
