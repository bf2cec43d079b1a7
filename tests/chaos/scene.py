"""A deployed pipeline on the laptop cloud, with the names of one kind of event and the switches for faults."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from config.files import load_config
from tests.chaos.schedule import Names, Phase
from tests.e2e.laptop import Laptop, eventually

Operation = Callable[[], None]


class Scene:
    """The pipeline of click events in one environment.

    Args:
        laptop: the laptop cloud that it is deployed to.
        env: the environment.
        operations: changes of the deployment by name, to be made while events flow; each may be made again.
    """

    def __init__(self, laptop: Laptop, env: str, operations: Mapping[str, Operation]) -> None:
        self.laptop, self.env, self.operations = laptop, env, operations
        # Read once: operations write the file.
        config = load_config(env, laptop.config)
        self.clicks = config.event_stream("clicks")
        self._is_direct = config.streaming.source == "direct_put"

    @cached_property
    def bucket(self) -> str:
        """The lake's bucket."""
        (stack,) = self.laptop.client("cloudformation").describe_stacks(
            StackName=f"clickstream-{self.env}-Storage"
        )["Stacks"]
        (name,) = [each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "LakeBucketName"]
        return str(name)

    @cached_property
    def names(self) -> Names:
        """The names that faults are aimed at."""
        functions = self.laptop.client("lambda").get_paginator("list_functions").paginate()
        (landing,) = [
            str(function["FunctionName"])
            for page in functions
            for function in page["Functions"]
            if function["Handler"] == "snowflake_setup.handler.on_event"
        ]
        return Names(
            service="firehose" if self._is_direct else "kinesis",
            batch_call="PutRecordBatch" if self._is_direct else "PutRecords",
            front_door=self.clicks.delivery_stream_name if self._is_direct else self.clicks.stream_name,
            bucket=self.bucket,
            data_prefix=self.clicks.data_prefix,
            gate=f"clickstream-{self.env}-clicks-gate",
            landing=landing,
        )

    def put_record(self, data: bytes, key: str) -> None:
        """Put one record into the front door.

        Raises:
            ClientError, BotoCoreError: it was not accepted.
        """
        if self._is_direct:
            self._door.put_record(DeliveryStreamName=self.clicks.delivery_stream_name, Record={"Data": data})
        else:
            self._door.put_record(StreamName=self.clicks.stream_name, Data=data, PartitionKey=key)

    def begin(self, phase: Phase) -> None:
        """Have the faults of a phase, and no others."""
        self.end_faults()
        for where, url in self._controls.items():
            documents = [fault.document for fault in phase.faults if fault.where == where]
            if documents and where == "limits":
                _request(url, "PUT", documents[0])
            elif documents:
                _request(url, "POST", documents)

    def end_faults(self) -> None:
        """Have no faults; notifications that are held back are delivered."""
        for url in self._controls.values():
            _request(url, "DELETE")

    def announced_late_or_twice(self) -> set[str]:
        """The files whose notification a fault has struck so: a pipe that was replaced meanwhile loads them again.

        The new pipe knows no file that the old one has loaded, and what S3 is still going to announce is not known.
        """
        log = (self.laptop.cloud.state_dir / "logs" / "aws.log").read_text()
        return set(re.findall(r"fault kind=notification_(?:late|doubled) key=(\S+)", log))

    def recover(self) -> None:
        """Have CloudFormation finish rollbacks that have failed: until then it updates nothing."""
        cloudformation = self.laptop.client("cloudformation")
        for stack in cloudformation.describe_stacks()["Stacks"]:
            if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
                cloudformation.continue_update_rollback(StackName=stack["StackName"])
        eventually(
            lambda: (
                not any(
                    stack["StackStatus"].endswith("IN_PROGRESS")
                    for stack in cloudformation.describe_stacks()["Stacks"]
                )
            )
        )

    @cached_property
    def _door(self) -> Any:
        return self.laptop.client(self.names.service)

    @cached_property
    def _controls(self) -> Mapping[str, str]:
        aws = self.laptop.cloud.environment()["AWS_ENDPOINT_URL"]
        snowflake = self.laptop.cloud.snowflake_connection()
        return {
            "aws": f"{aws}/_laptop/faults",
            "limits": f"{aws}/_laptop/limits",
            "snowflake": f"http://{snowflake['host']}:{snowflake['port']}/faults",
        }


def _request(url: str, method: str, document: Any = None) -> None:
    body = None if document is None else json.dumps(document).encode()
    # No proxy: the servers are on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(url, data=body, method=method), timeout=10).close()  # noqa: S310 - http, ours
