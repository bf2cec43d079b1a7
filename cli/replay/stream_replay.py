"""The replay of a Data Stream: what waits in its shards is put into another stream, at least once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Flag
from threading import Lock
from typing import Any

from cli.output import CommandError
from cli.replay.aggregated import apart
from cli.replay.checkpoint import Checkpoint
from producer.delivery import Courier, RetryPolicy
from producer.packing import Record
from producer.service import Service
from producer.target import Limits

# A shard answers five reads a second, which all readers share.
# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
_PAUSE_SECONDS = 0.2
_READERS = 8


@dataclass
class StreamOutcome:
    """Result of a replay of a Data Stream.

    Attributes:
        read: records that were read.
        sent: those that the other stream accepted, or in a dry run, would be offered.
        bytes: their size.
        skipped: shard and sequence number of records that are too large for the other stream.
        behind: for each shard, how old the record is that is read next, in milliseconds; 0 at the end.
        stopped: the reason why it ended early, if so.
    """

    read: int = 0
    sent: int = 0
    bytes: int = 0
    skipped: list[str] = field(default_factory=list)
    behind: dict[str, int] = field(default_factory=dict)
    stopped: str | None = None


class StreamReplay:
    """Reads the shards of a stream, and puts their records.

    Args:
        kinesis: a client, which several threads use.
        stream: the ARN of the stream.
        service: the stream to put them into; None for a dry run.
        limits: those of that stream.
        checkpoint: where to go on, and where to end.
        since: read from this arrival; None for the oldest record.
        unpack: take aggregated records apart.
        stop: set it to end early; what is under way is confirmed first.
    """

    def __init__(
        self,
        kinesis: Any,
        stream: str,
        service: Service | None,
        limits: Limits,
        checkpoint: Checkpoint,
        *,
        since: datetime | None,
        unpack: bool,
        stop: Flag,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._service = service
        self._limits = limits
        self._checkpoint = checkpoint
        self._since = since
        self._unpack = unpack
        self._stop = stop
        self._retry = retry or RetryPolicy()
        self._lock = Lock()
        self.outcome = StreamOutcome()

    def shards(self) -> list[str]:
        """All shards that still have records: also those that were split or merged."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamARN=self._stream)
        return [shard["ShardId"] for page in pages for shard in page["Shards"]]

    def run(self, shards: Sequence[str], on_progress: Callable[[StreamOutcome], None]) -> None:
        """Read the shards; what is done is in `outcome`, also if it ended early.

        Raises:
            ClientError: AWS refuses to read.
            CommandError: records have expired since the checkpoint.
        """
        if self._service:
            self._checkpoint.save()
        with ThreadPoolExecutor(_READERS) as readers:
            reading = [readers.submit(self._read, shard, on_progress) for shard in shards]
            for each in reading:
                each.result()

    def _read(self, shard: str, on_progress: Callable[[StreamOutcome], None]) -> None:
        try:
            self._read_on(shard, on_progress)
        except BaseException:
            self._stop.set()
            raise

    def _read_on(self, shard: str, on_progress: Callable[[StreamOutcome], None]) -> None:
        refusals = self._kinesis.exceptions
        last = self._checkpoint.shards.get(shard)
        iterator: str | None = self._iterator(shard, last)
        while iterator and not self._stop.is_set():
            try:
                page = self._kinesis.get_records(ShardIterator=iterator)
            except refusals.ExpiredIteratorException:
                iterator = self._iterator(shard, last)
                continue
            except refusals.ProvisionedThroughputExceededException:
                self._stop.wait(5 * _PAUSE_SECONDS)
                continue
            records = [record for record in page["Records"] if self._is_wanted(record)]
            for some in self._calls(shard, records):
                if self._stop.is_set() or not self._put(some):
                    return
                last = some[-1].last
                if self._service:
                    self._checkpoint.note(shard, last)
            at_end = len(records) < len(page["Records"]) or page["MillisBehindLatest"] == 0
            # A shard that was split or merged ends before the stream does.
            iterator = None if at_end else page.get("NextShardIterator")
            with self._lock:
                self.outcome.read += len(records)
                self.outcome.behind[shard] = page["MillisBehindLatest"] if iterator else 0
                on_progress(self.outcome)
            if iterator:
                self._stop.wait(_PAUSE_SECONDS)

    def _iterator(self, shard: str, last: str | None) -> str:
        start: Mapping[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if last:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": last}
        elif self._since:
            start = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._since}
        try:
            answer = self._kinesis.get_shard_iterator(StreamARN=self._stream, ShardId=shard, **start)
        except self._kinesis.exceptions.InvalidArgumentException as error:
            raise CommandError(
                f"cannot go on in {shard} after record {last}: {error}. If its retention has passed, remove the "
                "checkpoint, and what is left is put from the beginning"
            ) from None
        return str(answer["ShardIterator"])

    def _is_wanted(self, record: Mapping[str, Any]) -> bool:
        until = self._checkpoint.until
        return until is None or record["ApproximateArrivalTimestamp"] < until

    def _calls(self, shard: str, records: Sequence[Mapping[str, Any]]) -> Iterator[list[_Waiting]]:
        """The records in groups that fit into a call; those that fit into none are skipped, and named."""
        group, parts, size = list[_Waiting](), 0, 0
        for record in records:
            data = apart(record["Data"]) if self._unpack else [record["Data"]]
            waiting = _Waiting(record["SequenceNumber"], data)
            if waiting.largest > self._limits.bytes_per_record:
                with self._lock:
                    self.outcome.skipped.append(f"{shard}:{waiting.last} ({waiting.largest:,} bytes)")
                continue
            more = sum(len(each) + self._limits.overhead_per_record for each in data)
            if group and (
                parts + len(data) > self._limits.records_per_call or size + more > self._limits.bytes_per_call
            ):
                yield group
                group, parts, size = [], 0, 0
            group.append(waiting)
            parts, size = parts + len(data), size + more
        if group:
            yield group

    def _put(self, waiting: Sequence[_Waiting]) -> bool:
        """Put records, with retries; False if not all were accepted."""
        records = [Record(data, ()) for each in waiting for data in each.data]
        most = self._limits.records_per_call
        # One aggregated record may hold more than a call takes.
        for start in range(0, len(records), most):
            some = records[start : start + most]
            if reason := self._refusal(some):
                with self._lock:
                    self.outcome.stopped = self.outcome.stopped or reason
                self._stop.set()
                return False
            with self._lock:
                self.outcome.sent += len(some)
                self.outcome.bytes += sum(len(record.data) for record in some)
        return True

    def _refusal(self, records: Sequence[Record]) -> str | None:
        """Put the records of one call; the reason why the first of those left was not accepted."""
        if self._service is None:
            return None
        courier = Courier(
            self._service, retry=self._retry, stop=self._stop, on_taken=lambda _records, _at: None
        )
        return next((reason for _, reason in courier.deliver(records).unsent()), None)


@dataclass(frozen=True)
class _Waiting:
    """A record of the stream: its sequence number, and the records in it."""

    last: str
    data: Sequence[bytes]

    @property
    def largest(self) -> int:
        return max(map(len, self.data))
