"""How much a delivery stream takes by direct puts each second, by the region it is in.

https://docs.aws.amazon.com/firehose/latest/dev/limits.html
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_MIB = 1024 * 1024


class Quota(BaseModel):
    """Limits of one delivery stream; the three are enforced together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes_per_second: int = Field(default=5 * _MIB, ge=0)
    records_per_second: int = Field(default=500_000, ge=0)
    puts_per_second: int = Field(default=2_000, ge=0)


_LARGE_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
_LARGE = Quota()
_OTHER = Quota(bytes_per_second=_MIB, records_per_second=100_000, puts_per_second=1_000)


def default_quota(region: str) -> Quota:
    """What a stream has until an increase is asked for."""
    return _LARGE if region in _LARGE_REGIONS else _OTHER
