"""Firehose's limits: requests at and just above each."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from laptop.aws.firehose import limits


def record(size: int) -> dict[str, Any]:
    return {"Data": base64.b64encode(bytes(size)).decode()}


def test_a_batch_at_every_limit_is_accepted() -> None:
    assert len(limits.decoded_batch([record(1)] * 500)) == 500
    assert sum(map(len, limits.decoded_batch([record(1024 * 1000)] * 4 + [record(98304)]))) == 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("records", "code", "reason"),
    [
        ([record(1)] * 501, "ValidationException", "less than or equal to 500"),
        ([], "ValidationException", "greater than or equal to 1"),
        ([record(1), record(1024 * 1000 + 1)], "ValidationException", "records.2.member.data"),
        ([record(1024 * 1000)] * 4 + [record(98305)], "InvalidArgumentException", "4 MB limit"),
        ([{"Data": "not base64!"}], "SerializationException", "base64"),
    ],
)
def test_a_batch_above_a_limit_is_refused(records: list[dict[str, Any]], code: str, reason: str) -> None:
    with pytest.raises(limits.RefusedError, match=reason) as refusal:
        limits.decoded_batch(records)
    assert refusal.value.code == code


def test_a_single_record_may_have_a_thousand_kib() -> None:
    assert len(limits.decoded_record(record(1024 * 1000))) == 1024 * 1000
    with pytest.raises(limits.RefusedError, match="less than or equal to 1024000"):
        limits.decoded_record(record(1024 * 1000 + 1))


def test_a_stream_that_reads_from_kinesis_refuses_puts() -> None:
    limits.check_direct_put("DirectPut")
    with pytest.raises(limits.RefusedError, match="not permitted on KinesisStreamAsSource"):
        limits.check_direct_put("KinesisStreamAsSource")
