"""The whole producer against the AWS emulator: every event that is sent can be read back."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest

import contract
from laptop.testing.waiting import eventually
from producer import RejectsFile, Report, SendOptions, Target, generate, open_input, send
from tests.integration.producer.conftest import lead_clients_to

COUNT = 2_000


@contextmanager
def client(service: str, url: str) -> Iterator[Any]:
    session: Any = boto3.Session(
        region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with closing(session.client(service, endpoint_url=url)) as made:
        yield made


@pytest.fixture(autouse=True)
def _clients_of_the_emulator(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_clients_to(emulator, monkeypatch)


def target(kind: Literal["kinesis", "firehose"], name: str) -> Target:
    return Target(kind=kind, name=name, region="eu-west-1")


def send_file(tmp_path: Path, target: Target) -> Report:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(
        gzip.compress(
            b"\n".join(found.text.encode() for found in generate(contract.load(), count=COUNT, seed=9))
        )
    )
    with open_input(str(file)) as opened, RejectsFile(tmp_path / "rejects.ndjson") as rejects:
        report = send(
            opened.documents(),
            contract=contract.load(),
            target=target,
            rejects=rejects,
            options=SendOptions(record_bytes=8 * 1024),  # enough records to reach every shard
        )
    assert report.is_complete
    assert report.sent == COUNT
    return report


def ids(events: Iterable[bytes]) -> list[str]:
    return sorted(json.loads(event)["event_id"] for event in events)


def expected_ids() -> list[str]:
    return ids(found.text.encode() for found in generate(contract.load(), count=COUNT, seed=9))


def test_kinesis_spreads_the_events_over_its_shards(emulator: str, tmp_path: Path) -> None:
    name = f"clicks-{uuid.uuid4().hex[:8]}"
    found: list[list[bytes]] = []
    with client("kinesis", emulator) as kinesis:
        kinesis.create_stream(StreamName=name, ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        send_file(tmp_path, target("kinesis", name))
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records = kinesis.get_records(ShardIterator=iterator, Limit=1000)["Records"]
            found.append([event for record in records for event in record["Data"].split(b"\n")])
    assert [bool(events) for events in found] == [True, True]
    assert ids(event for events in found for event in events) == expected_ids()


def test_firehose_puts_every_event_into_the_bucket(emulator: str, tmp_path: Path) -> None:
    name = f"clicks-{uuid.uuid4().hex[:8]}"
    with client("s3", emulator) as s3, client("firehose", emulator) as firehose:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration={
                "RoleARN": "arn:aws:iam::000000000000:role/delivery",
                "BucketARN": f"arn:aws:s3:::{name}",
            },
        )
        report = send_file(tmp_path, target("firehose", name))

        def written() -> list[str] | None:
            keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", [])]
            # The bare emulator writes one object per record and adds no delimiter.
            return keys if len(keys) >= report.records else None

        keys = eventually(written, within=120)
        bodies = [s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
    assert ids(event for body in bodies for event in body.split(b"\n")) == expected_ids()


@pytest.mark.parametrize("kind", ["kinesis", "firehose"])
def test_a_missing_stream_is_a_clear_error(emulator: str, tmp_path: Path, kind: Any) -> None:
    absent = target(kind, "absent")
    with RejectsFile(tmp_path / "rejects.ndjson") as rejects:
        report = send(
            generate(contract.load(), count=3), contract=contract.load(), target=absent, rejects=rejects
        )
    assert report.stopped is not None
    assert "'absent' (eu-west-1" in report.stopped
    assert "ResourceNotFoundException" in report.stopped
    assert "check the name, the region and that the stack is deployed" in report.stopped
