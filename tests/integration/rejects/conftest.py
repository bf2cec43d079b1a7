"""An environment on the emulator: a stack with the lake."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Never

import boto3
import pytest

from cli.deployment import Account
from cli.output import CommandError
from config.files import load_config
from config.model import PipelineConfig
from config.names import EventStream
from contract import Flaw, Reason
from event_gate.record import Record
from event_gate.rejects import Reject, RejectStore
from tests.integration.producer.conftest import REGION, _emulator, lead_clients_to
from tests.unit.cli.rejects.lakes import failed_object

__all__ = ["_emulator"]


@dataclass
class Environment:
    """A deployed environment, with a client of its lake."""

    config: PipelineConfig
    s3: Any
    bucket: str

    @property
    def clicks(self) -> EventStream:
        return self.config.event_stream("clicks")

    def reject(self, *texts: bytes, name: str) -> str:
        """Keep texts as the gate does, in one object; return its key."""
        arrived = round(datetime.now(UTC).timestamp() * 1000)
        record = Record(name, b"", arrived, {"shardId": "s", "sequenceNumber": name}, f"s:{name}")
        rejects = [
            Reject(
                record, number, text.decode("utf-8", "surrogateescape"), [Flaw(Reason.NOT_JSON, "not JSON")]
            )
            for number, text in enumerate(texts)
        ]
        before = self.keys()
        RejectStore(self.s3, self.bucket, self.clicks.reject_prefix).keep(rejects, "clicks")
        (key,) = self.keys() - before
        return key

    def fail(self, *records: bytes, name: str, failure: str = "processing-failed") -> str:
        """Keep records as Firehose does, in one object; return its key."""
        now = datetime.now(UTC)
        key = f"{self.clicks.error_prefix}{failure}/dt={now:%Y-%m-%d}/{name}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=failed_object(*records, arrived=now))
        return key

    def keys(self) -> set[str]:
        return {found["Key"] for found in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])}

    def lake(self) -> list[str]:
        """The ids of the events in the lake."""
        bodies = [
            self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            for key in self.keys()
            if key.startswith(self.clicks.data_prefix)
        ]
        return sorted(
            json.loads(line)["event_id"] for body in bodies for line in gzip.decompress(body).splitlines()
        )


def _out_of_reach(_: Account) -> Never:
    raise CommandError("no Snowflake here")


@pytest.fixture(name="deployed")
def _deployed(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """Environment dev under another name for each test, with the shell set up for it."""
    lead_clients_to(emulator, monkeypatch)
    monkeypatch.setenv("CLICKSTREAM_ENV", "dev")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setattr(Account, "snowflake", _out_of_reach)
    monkeypatch.setattr(PipelineConfig, "prefix", f"clicks-{uuid.uuid4().hex[:8]}")
    config = load_config("dev")
    bucket = f"{config.prefix}-lake"
    template = {
        "Resources": {"Lake": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}},
        "Outputs": {"LakeBucketName": {"Value": {"Ref": "Lake"}}},
    }
    session: Any = boto3.Session(region_name=REGION)
    with (
        closing(session.client("s3")) as s3,
        closing(session.client("cloudformation")) as cloudformation,
    ):
        name = config.names.stack("Storage")
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        yield Environment(config, s3, bucket)
