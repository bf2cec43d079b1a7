"""A Data Stream in memory, with the answers of Kinesis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from producer.service import Refusal

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
ARN = "arn:aws:kinesis:eu-west-1:111122223333:stream/kept"


class ExpiredIteratorError(ClientError):
    pass


class ThrottledError(ClientError):
    pass


class InvalidArgumentError(ClientError):
    pass


@dataclass
class Kinesis:
    """A client of one stream; each record arrives a second after the one before.

    Attributes:
        shards: the records of each shard.
        closed: shards that were split or merged, whose reading ends.
        page: the most records of an answer.
        failing: errors of the next reads.
    """

    shards: dict[str, list[bytes]]
    closed: set[str] = field(default_factory=set)
    page: int = 3
    failing: list[type[ClientError]] = field(default_factory=list)
    trimmed: bool = False

    exceptions = SimpleNamespace(
        ExpiredIteratorException=ExpiredIteratorError,
        ProvisionedThroughputExceededException=ThrottledError,
        InvalidArgumentException=InvalidArgumentError,
    )

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_shards"
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        for shard in self.shards:
            yield {"Shards": [{"ShardId": shard}]}

    def get_shard_iterator(self, **request: Any) -> dict[str, str]:
        match request["ShardIteratorType"]:
            case "AFTER_SEQUENCE_NUMBER" if self.trimmed:
                raise InvalidArgumentError({"Error": {"Code": "InvalidArgumentException"}}, "")
            case "AFTER_SEQUENCE_NUMBER":
                first = int(request["StartingSequenceNumber"]) + 1
            case "AT_TIMESTAMP":
                first = round((request["Timestamp"] - START).total_seconds())
            case "TRIM_HORIZON":
                first = 0
        return {"ShardIterator": f"{request['ShardId']}/{first}"}

    def get_records(self, **request: str) -> dict[str, Any]:
        if self.failing:
            raise self.failing.pop()({"Error": {}}, "GetRecords")
        shard, _, first = request["ShardIterator"].partition("/")
        records, begin = self.shards[shard], int(first)
        end = min(begin + self.page, len(records))
        at_end = end == len(records)
        return {
            "Records": [
                {
                    "SequenceNumber": str(number),
                    "Data": records[number],
                    "ApproximateArrivalTimestamp": START + timedelta(seconds=number),
                }
                for number in range(begin, end)
            ],
            "NextShardIterator": None if at_end and shard in self.closed else f"{shard}/{end}",
            # A closed shard is never at the end of the stream.
            "MillisBehindLatest": 0 if at_end and shard not in self.closed else 1000,
        }


@dataclass
class Sink:
    """The other stream.

    Attributes:
        taken: the records that it accepted, call by call.
        accepts: the number of calls that it accepts before it refuses everything.
    """

    accepts: int = 1000
    taken: list[list[bytes]] = field(default_factory=list)

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        if len(self.taken) == self.accepts:
            return [Refusal("ServiceUnavailable", "later")] * len(records)
        self.taken.append(list(records))
        return [None] * len(records)

    @property
    def all(self) -> list[bytes]:
        return sorted(record for call in self.taken for record in call)
