"""The stream that events are sent to, and the limits of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["kinesis", "firehose"]

_NOUN: Mapping[Kind, str] = {"kinesis": "Kinesis stream", "firehose": "Firehose delivery stream"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One stream to send events to; credentials and endpoint are those of the AWS SDK."""

    kind: Kind
    name: str
    region: str

    def __post_init__(self) -> None:
        if self.kind not in _NOUN:
            raise ValueError(f"target kind must be one of {', '.join(_NOUN)}, got {self.kind!r}")

    def __str__(self) -> str:
        return f"{_NOUN[self.kind]} {self.name!r} ({self.region})"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most one call, and one record in it, may hold; sizes are bytes before base64."""

    records_per_call: int
    bytes_per_call: int
    bytes_per_record: int
    overhead_per_record: int = 0


PARTITION_KEY_BYTES = 32

LIMITS: Mapping[Kind, Limits] = {
    "firehose": Limits(records_per_call=500, bytes_per_call=4 * 1024**2, bytes_per_record=1000 * 1024),
    # Kinesis itself accepts records of 1 MiB, but the delivery stream that reads them only 1,000 KiB.
    "kinesis": Limits(
        records_per_call=500,
        bytes_per_call=5 * 1024**2,
        bytes_per_record=1000 * 1024,
        overhead_per_record=PARTITION_KEY_BYTES,  # keys count towards the call
    ),
}
