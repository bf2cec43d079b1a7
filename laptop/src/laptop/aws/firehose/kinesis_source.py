"""Reading a Data Stream with the delivery stream's role: while the role may not read, records wait there."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ministack.services import firehose, kinesis

from laptop.aws.firehose import aggregated, role
from laptop.aws.firehose.record import KinesisPosition, Record

logger = logging.getLogger("firehose")

_ACTIONS = ("kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")
_PAUSE_SECONDS = 1.0

Take = Callable[[dict[str, Any], list[Record]], None]


def newest_positions(stream_arn: str, count: int) -> list[KinesisPosition]:
    """The positions of the `count` records that were put last into a Data Stream, in the order of the puts."""
    shards = kinesis._resolve_stream_by_arn(stream_arn)["shards"].items()
    put = [(shard_id, record) for shard_id, shard in shards for record in shard["records"][-count:]]
    # A sequence number ends in a counter of ten digits.
    put.sort(key=lambda one: int(one[1]["SequenceNumber"][-10:]))
    return [
        KinesisPosition(
            shard_id, record["SequenceNumber"], record["PartitionKey"], record["ApproximateArrivalTimestamp"]
        )
        for shard_id, record in put[-count:]
    ]


def _taken_apart(payload: bytes, position: KinesisPosition) -> Iterator[Record]:
    for number, (data, key) in enumerate(aggregated.parts(payload, position.partition_key)):
        yield Record(data, kinesis=replace(position, partition_key=key, part=number))


@dataclass
class _Unread:
    """Puts that a delivery stream has not read yet, oldest first: payloads with their positions."""

    parts: deque[list[tuple[bytes, KinesisPosition]]] = field(default_factory=deque)
    tries_later: bool = False


class KinesisReader:
    """Reads the Data Streams in front of delivery streams."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._unread: dict[str, _Unread] = {}

    def read(self, stream: dict[str, Any], put: list[tuple[bytes, KinesisPosition]], take: Take) -> None:
        """Pass new records of its Data Stream to `stream`, after those that still wait."""
        with self._lock:
            unread = self._unread.setdefault(stream["arn"], _Unread())
            unread.parts.append(put)
            self._read_on(stream, take)

    def seconds_behind(self, stream_arn: str) -> float:
        """The age of the oldest record that the delivery stream has not read yet; 0 if it has read all."""
        with self._lock:
            unread = self._unread.get(stream_arn)
            return time.time() - unread.parts[0][0][1].put_at if unread and unread.parts else 0.0

    def _read_on(self, stream: dict[str, Any], take: Take) -> None:
        unread = self._unread[stream["arn"]]
        source = stream["kinesis_source"]
        try:
            for action in _ACTIONS:
                role.require(source["RoleARN"], stream["arn"], action, source["KinesisStreamARN"])
        except role.RoleDeniedError as denied:
            logger.warning("Firehose %s: %s", stream["name"], denied)
            self._try_later(stream, take)
            return
        while unread.parts:
            put = unread.parts.popleft()
            take(stream, [record for payload, position in put for record in _taken_apart(payload, position)])

    def _try_later(self, stream: dict[str, Any], take: Take) -> None:
        unread = self._unread[stream["arn"]]
        if unread.tries_later:
            return
        unread.tries_later = True
        # The account and region of the records' request.
        context = contextvars.copy_context()
        timer = threading.Timer(
            _PAUSE_SECONDS, context.run, (self._try_again, stream["name"], stream["arn"], take)
        )
        timer.daemon = True
        timer.start()

    def _try_again(self, name: str, arn: str, take: Take) -> None:
        with self._lock:
            self._unread[arn].tries_later = False
            stream = firehose._streams.get(name)
            if stream is None:
                del self._unread[arn]
            else:
                self._read_on(stream, take)
