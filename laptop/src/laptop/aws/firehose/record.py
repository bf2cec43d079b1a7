"""A record on its way through a delivery stream."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

# Names, ids and times around a record's data in a function's request, without its partition key.
_REQUEST_METADATA_BYTES = 400
# A character that JSON writes as two escapes, such as an emoji.
_LONGEST_CHARACTER_BYTES = 12


@dataclass(frozen=True)
class KinesisPosition:
    """The place of a record in the Data Stream that it was read from; `part` counts the records of an aggregate."""

    shard_id: str
    sequence_number: str
    partition_key: str
    put_at: float
    part: int = 0


@dataclass(frozen=True)
class Record:
    """One record; `arrived` is the time at which the delivery stream received it."""

    data: bytes
    arrived: float = field(default_factory=time.time)
    kinesis: KinesisPosition | None = None

    @property
    def put_at(self) -> float:
        """The time of the producer's put, into the Data Stream if there is one."""
        return self.kinesis.put_at if self.kinesis else self.arrived

    @property
    def request_bytes(self) -> int:
        """The most bytes that the record takes in a function's request."""
        base64 = 4 * (len(self.data) // 3 + 1)
        key = len(self.kinesis.partition_key) if self.kinesis else 0
        return base64 + _REQUEST_METADATA_BYTES + _LONGEST_CHARACTER_BYTES * key
