"""Throttling of direct puts into Firehose."""

from __future__ import annotations

import time
from collections.abc import Sequence

from laptop.aws.throttling.allowance import Allowances
from laptop.aws.throttling.quotas import DirectPutQuota, direct_put_quota

_allowances = Allowances()


def takes_a_put(stream_arn: str) -> bool:
    """True if a delivery stream accepts one more request this second."""
    quota = _quota(stream_arn)
    return _allowances.take((stream_arn, "puts"), (1,), (quota.puts_per_second,), now=time.time())


def taken(stream_arn: str, payloads: Sequence[bytes]) -> list[bool]:
    """For each record of a request, True if the stream accepts it this second."""
    quota = _quota(stream_arn)
    limits, now = (quota.bytes_per_second, quota.records_per_second), time.time()
    return [_allowances.take((stream_arn, "records"), (len(one), 1), limits, now=now) for one in payloads]


def _quota(stream_arn: str) -> DirectPutQuota:
    return direct_put_quota(stream_arn.split(":")[3])
