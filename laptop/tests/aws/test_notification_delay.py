"""A bucket's changed notifications: in effect after a while, as in S3."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from notified import Receiver, announce

from laptop.testing.aws import Emulator, running_emulator
from laptop.testing.waiting import eventually

DELAY_SECONDS = 3.0


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("slow"), notification_seconds=DELAY_SECONDS) as (found, _):
        yield found


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
