"""Splitting a large PutRecords request into parts that MiniStack accepts."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from laptop.aws import kinesis_limits


@given(sizes=st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_parts_keep_all_records_in_order_within_the_limit(sizes: list[int]) -> None:
    records = [
        {"Data": base64.b64encode(bytes(size)).decode(), "PartitionKey": str(number)}
        for number, size in enumerate(sizes)
    ]
    parts = list(kinesis_limits._parts(records, 110))
    assert [record for part in parts for record in part] == records
    for part in parts:
        assert part
        assert sum(map(kinesis_limits.size, part)) <= 110
