"""The notification channel: a real queue that gets S3's notifications."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notification:
    """A notification of S3: this file was created."""

    bucket: str
    key: str
    event_time: dt.datetime


@dataclass(frozen=True)
class Message:
    """A received message, which is delivered again unless it is deleted."""

    receipt: str
    notifications: tuple[Notification, ...]


class QueueUnavailableError(Exception):
    """The queue cannot be reached, or does not exist; retry after `ensure`."""


class NotificationQueue(Protocol):
    """The queue that auto-ingest reads."""

    def ensure(self) -> str:
        """Create the queue if it does not exist; return its ARN."""

    def receive(self, *, wait_seconds: int) -> list[Message]:
        """Up to ten messages, waiting for the first."""

    def delete(self, messages: Sequence[Message]) -> None:
        """Done with these."""


class SqsQueue:
    """The account's Snowpipe queue, kept in the emulator."""

    def __init__(self, *, name: str, endpoint_url: str, region: str) -> None:
        self._name = name
        # read_timeout must outlast the long poll.
        config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2})
        self._client: Any = boto3.session.Session().client(
            "sqs", endpoint_url=endpoint_url, region_name=region, config=config
        )
        self._url = ""

    def ensure(self) -> str:
        """Create the queue, which only S3 may send to, unless it exists."""
        attributes = {"VisibilityTimeout": "10", "MessageRetentionPeriod": "1209600"}
        with _translated():
            self._url = self._client.create_queue(QueueName=self._name, Attributes=attributes)["QueueUrl"]
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
            arn: str = answer["Attributes"]["QueueArn"]
            policy = json.dumps(_policy(arn))
            self._client.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        return arn

    def receive(self, *, wait_seconds: int) -> list[Message]:
        """Up to ten messages, waiting for the first."""
        with _translated():
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
            )
        return [
            Message(item["ReceiptHandle"], parse_body(item["Body"])) for item in answer.get("Messages", [])
        ]

    def delete(self, messages: Sequence[Message]) -> None:
        """Done with these."""
        entries = [{"Id": str(i), "ReceiptHandle": message.receipt} for i, message in enumerate(messages)]
        if entries:
            with _translated():
                self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailableError(f"{type(error).__name__}: {error}") from error


def parse_body(body: str) -> tuple[Notification, ...]:
    """The new files of a message; none for S3's test event and other messages."""
    try:
        records = json.loads(body).get("Records", [])
        return tuple(
            Notification(
                record["s3"]["bucket"]["name"],
                unquote_plus(record["s3"]["object"]["key"]),
                dt.datetime.fromisoformat(record["eventTime"]),
            )
            for record in records
            if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("message ignored: not an S3 notification (%s)", type(error).__name__)
        return ()


def _policy(arn: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
