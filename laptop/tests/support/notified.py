"""A queue that a bucket notifies."""

from __future__ import annotations

import json
from urllib.parse import unquote_plus

from laptop.testing.aws import Emulator, policy, unique


class Receiver:
    """A queue that a bucket may notify."""

    def __init__(self, emulator: Emulator) -> None:
        self._sqs = emulator.client("sqs")
        self._url = self._sqs.create_queue(QueueName=unique("channel"))["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy(allow)})
        self._keys: list[str] = []

    def announced(self) -> list[str]:
        """The keys of the announced objects so far."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            records = json.loads(message["Body"]).get("Records", [])  # S3's test message has none
            self._keys += [unquote_plus(record["s3"]["object"]["key"]) for record in records]
        return sorted(self._keys)


def announce(emulator: Emulator, bucket: str, queue: str, *prefixes: str) -> None:
    """Announce new objects with these prefixes to a queue, and nothing else."""
    emulator.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": queue,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
                }
                for prefix in prefixes
            ]
        },
    )
