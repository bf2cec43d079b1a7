"""Producers that never stop, with the rights of the output `ProducerPolicy` and no others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from cli.laptop import Laptop
from config.names import EventStream
from tests.e2e.laptop import eventually

_PAUSE_SECONDS = 0.1
_EXAMPLES: dict[str, dict[str, Any]] = {
    "click_event.schema.json": {"event_type": "click", "page_id": "p_1"},
    "order_event.schema.json": {"event_type": "order_placed", "order_id": "o_1"},
}
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "ServiceUnavailableException",
}


class Producer:
    """Sends events of one kind, one after the other; what is refused is sent again, as producers do.

    Attributes:
        accepted: the ids of the events that the front door took.
        refused: the reasons of refusals other than throttling.
    """

    def __init__(self, laptop: Laptop, stream: EventStream) -> None:
        self.kind, self.accepted, self.refused = stream.name, list[str](), list[str]()
        self._example = _EXAMPLES[stream.contract.name]
        self._door = laptop.front_door(stream)
        self._client = _client(laptop, self._door.kind, stream)
        self._resumed, self._ended = threading.Event(), threading.Event()
        self._resumed.set()
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._send, name=f"{stream.name} producer", daemon=True)
        self._thread.start()

    def started(self) -> None:
        """Wait until an event was accepted."""
        eventually(lambda: self.accepted)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Send nothing while the block runs."""
        self._resumed.clear()
        with self._sending:
            pass  # the last event is sent
        yield
        self._resumed.set()

    def end(self) -> None:
        """Send no more."""
        self._ended.set()
        self._resumed.set()
        self._thread.join(timeout=30)

    def _send(self) -> None:
        run, number = uuid4().hex[:6], 0
        while not self._ended.wait(_PAUSE_SECONDS):
            self._resumed.wait()
            with self._sending:
                if self._ended.is_set() or not self._resumed.is_set():
                    continue
                event_id = f"{self.kind}-{run}-{number}"
                number += self._put(event_id)

    def _put(self, event_id: str) -> bool:
        event = {"event_id": event_id, "timestamp": datetime.now(UTC).isoformat(), **self._example}
        data = json.dumps(event).encode()
        try:
            if self._door.kind == "kinesis":
                self._client.put_record(StreamName=self._door.name, PartitionKey=event_id, Data=data)
            else:
                self._client.put_record(DeliveryStreamName=self._door.name, Record={"Data": data})
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                self.refused.append(f"{event_id}: {error}")
                time.sleep(_PAUSE_SECONDS)
            return False
        self.accepted.append(event_id)
        return True


def _client(laptop: Laptop, service: str, stream: EventStream) -> Any:
    """A client of a user whose policy is the stack's output."""
    import boto3

    (stack,) = laptop.client("cloudformation").describe_stacks(
        StackName=laptop.config.names.stack("Streaming")
    )["Stacks"]
    (policy,) = (
        output["OutputValue"]
        for output in stack["Outputs"]
        if output["OutputKey"].startswith(f"{stream.construct_id}ProducerPolicy")
    )
    iam, user = laptop.client("iam"), f"producer-{stream.name}"
    with suppress(iam.exceptions.EntityAlreadyExistsException):  # of an earlier stream of that name
        iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="Put", PolicyDocument=policy)
    for old in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:  # a user may have two
        iam.delete_access_key(UserName=user, AccessKeyId=old["AccessKeyId"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return boto3.client(
        service,
        region_name=laptop.region,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
