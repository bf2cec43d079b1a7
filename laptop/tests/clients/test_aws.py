"""The AWS CLI, version 1: the ten commonest commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from laptop import LaptopCloud

Client = Callable[..., str]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("sts get-caller-identity", '"Account": "000000000000"'),
        ("s3 ls s3://shop/events/", " 1.json"),
        ("s3 cp s3://shop/events/1.json -", '{"id": "a"}'),
        ("s3api list-objects-v2 --bucket shop --query Contents[].Key", '"events/1.json"'),
        (
            "kinesis put-record --stream-name clicks --partition-key 1 --data {}",
            '"ShardId": "shardId-000000000000"',
        ),
        ("firehose list-delivery-streams", '"HasMoreDeliveryStreams": false'),
        ("cloudformation list-stacks", '"StackSummaries": '),
        ("logs describe-log-groups", '"logGroups": '),
        ("cloudwatch describe-alarms", '"CompositeAlarms": '),
        ("secretsmanager list-secrets", '"SecretList": '),
        ("lambda list-functions", '"Functions": '),
    ],
)
def test_a_command(client: Client, command: str, shown: str) -> None:
    assert shown in client("aws", *command.split())


def test_a_folder_is_uploaded(client: Client, tmp_path: Path) -> None:
    (tmp_path / "2.json").write_text('{"id": "b"}')
    client("aws", "s3", "sync", str(tmp_path), "s3://shop/uploads/")
    assert " uploads/2.json" in client("aws", "s3", "ls", "--recursive", "s3://shop/")


def test_sqs_needs_the_endpoint_as_an_option(client: Client, shop: LaptopCloud) -> None:
    """Version 1 ignores AWS_ENDPOINT_URL for this service, and would call an address of AWS."""
    endpoint = shop.environment()["AWS_ENDPOINT_URL"]
    assert "sf-snowpipe-LOCAL-" in client("aws", "sqs", "list-queues", "--endpoint-url", endpoint)
