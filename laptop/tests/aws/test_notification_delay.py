"""A bucket's changed notifications: in effect after a while, as in S3."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from laptop.testing.aws import Emulator, policy, running_emulator, unique
from laptop.testing.waiting import eventually

DELAY_SECONDS = 3.0


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("slow"), notification_seconds=DELAY_SECONDS) as (found, _):
        yield found


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
            self._keys += [record["s3"]["object"]["key"] for record in records]
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


def put_until_announced(emulator: Emulator, bucket: str, queue: Receiver, prefix: str) -> int:
    """Put numbered objects until one is announced; return the first announced number."""
    number = 0

    def announced() -> list[str]:
        nonlocal number
        emulator.client("s3").put_object(Bucket=bucket, Key=f"{prefix}{number:04}", Body=b"")
        number += 1
        return [key for key in queue.announced() if key.startswith(prefix)]

    return int(eventually(announced)[0].removeprefix(prefix))


def test_a_new_entry_announces_nothing_at_first_and_an_unchanged_one_all_the_time(
    emulator: Emulator, bucket: str
) -> None:
    queue = Receiver(emulator)
    announce(emulator, bucket, queue.arn, "old/")
    assert put_until_announced(emulator, bucket, queue, "old/") > 0
    announce(emulator, bucket, queue.arn, "old/", "new/")
    s3 = emulator.client("s3")
    s3.put_object(Bucket=bucket, Key="old/during", Body=b"")
    assert put_until_announced(emulator, bucket, queue, "new/") > 0
    assert "old/during" in queue.announced()


def test_a_removed_entry_announces_nothing_from_the_beginning(emulator: Emulator, bucket: str) -> None:
    queue = Receiver(emulator)
    announce(emulator, bucket, queue.arn, "kept/", "removed/")
    put_until_announced(emulator, bucket, queue, "kept/")
    announce(emulator, bucket, queue.arn, "kept/")
    s3 = emulator.client("s3")
    s3.put_object(Bucket=bucket, Key="removed/one", Body=b"")
    s3.put_object(Bucket=bucket, Key="kept/later", Body=b"")
    eventually(lambda: "kept/later" in queue.announced())
    assert "removed/one" not in queue.announced()
