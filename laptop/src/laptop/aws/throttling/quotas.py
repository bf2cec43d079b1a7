"""The quotas of streams, per second, and of functions.

https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
https://docs.aws.amazon.com/firehose/latest/dev/limits.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_MIB = 1024 * 1024


class ShardQuota(BaseModel):
    """The quota of one open shard of a Data Stream."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes_per_second: int = Field(default=_MIB, ge=0)
    records_per_second: int = Field(default=1_000, ge=0)


class DirectPutQuota(BaseModel):
    """The quota of a delivery stream with direct puts; the three limits are enforced together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes_per_second: int = Field(default=5 * _MIB, ge=0)
    records_per_second: int = Field(default=500_000, ge=0)
    puts_per_second: int = Field(default=2_000, ge=0)


class AccountConcurrency(BaseModel):
    """The executions of functions that an account may have at one time; new accounts have ten."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concurrent_executions: int = Field(default=10, ge=1)


class Enforced(BaseModel):
    """Other quotas than AWS's defaults: None is the default, and for functions what this machine bears."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinesis_shard: ShardQuota | None = None
    firehose_direct_put: DirectPutQuota | None = None
    lambda_account: AccountConcurrency | None = None


class Switch:
    """Changes the enforced quotas while the emulator runs."""

    def __init__(self) -> None:
        self.enforced = Enforced()

    def set(self, document: bytes) -> None:
        """Enforce the quotas of a JSON document from now on.

        Raises:
            ValueError: the document is invalid.
        """
        self.enforced = Enforced.model_validate_json(document)

    def clear(self) -> None:
        """Enforce the defaults again."""
        self.enforced = Enforced()


switch = Switch()

_LARGE_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
_IN_LARGE_REGIONS = DirectPutQuota()
_ELSEWHERE = DirectPutQuota(bytes_per_second=_MIB, records_per_second=100_000, puts_per_second=1_000)


def shard_quota() -> ShardQuota:
    """The quota of an open shard."""
    return switch.enforced.kinesis_shard or ShardQuota()


def direct_put_quota(region: str) -> DirectPutQuota:
    """The quota of a delivery stream in a region."""
    default = _IN_LARGE_REGIONS if region in _LARGE_REGIONS else _ELSEWHERE
    return switch.enforced.firehose_direct_put or default
