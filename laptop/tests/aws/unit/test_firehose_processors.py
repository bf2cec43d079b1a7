"""The settings of a delivery stream's function, and the batches that fit its buffer."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transforming import processor

from laptop.aws.firehose.buffer import Batch, Buffer
from laptop.aws.firehose.invocation import event_of
from laptop.aws.firehose.limits import RefusedError
from laptop.aws.firehose.processors import FunctionBuffer, FunctionSettings
from laptop.aws.firehose.record import KinesisPosition, Record
from laptop.aws.firehose.supported import check_supported

MIB = 1024 * 1024
NEVER = 3600.0
DELIMITER = {"Type": "AppendDelimiterToRecord"}


def config(*processors: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": list(processors)}, **more}


def settings(**parameters: str) -> FunctionSettings:
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    found = FunctionSettings.of(config({"Type": "Lambda", "Parameters": listed}, RoleARN="role"))
    assert found
    return found


def test_the_defaults_of_aws() -> None:
    expected = FunctionSettings(arn="arn", role_arn="role", retries=3, buffer=FunctionBuffer(60, MIB))
    assert settings(LambdaArn="arn") == expected


def test_chosen_settings() -> None:
    chosen = {"NumberOfRetries": "7", "BufferSizeInMBs": "0.5", "BufferIntervalInSeconds": "90"}
    expected = FunctionSettings(arn="arn", role_arn="own", retries=7, buffer=FunctionBuffer(90, MIB / 2))
    assert settings(LambdaArn="arn", RoleArn="own", **chosen) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NumberOfRetries", "0"),
        ("NumberOfRetries", "300"),
        ("BufferSizeInMBs", "0.2"),
        ("BufferSizeInMBs", "3"),
        ("BufferSizeInMBs", "3.0"),
        ("BufferIntervalInSeconds", "0"),
        ("BufferIntervalInSeconds", "900"),
    ],
)
def test_values_at_a_limit_are_allowed(name: str, value: str) -> None:
    check_supported("ExtendedS3", config(processor("arn", **{name: value})))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NumberOfRetries", "-1"),
        ("NumberOfRetries", "301"),
        ("NumberOfRetries", "1.5"),
        ("BufferSizeInMBs", "0.19"),
        ("BufferSizeInMBs", "3.01"),
        ("BufferSizeInMBs", "nan"),
        ("BufferSizeInMBs", "large"),
        ("BufferIntervalInSeconds", "-1"),
        ("BufferIntervalInSeconds", "901"),
        ("BufferIntervalInSeconds", "60.5"),
        ("BufferIntervalInSeconds", ""),
    ],
)
def test_values_outside_the_limits_are_refused(name: str, value: str) -> None:
    with pytest.raises(
        RefusedError, match=f"{name} must be a (whole )?number from .* not {value}"
    ) as refusal:
        check_supported("ExtendedS3", config(processor("arn", **{name: value})))
    assert refusal.value.code == "InvalidArgumentException"


@pytest.mark.parametrize(
    ("processors", "reason"),
    [
        ([{"Type": "Lambda"}], "must have the parameter LambdaArn"),
        ([processor("")], "must have the parameter LambdaArn"),
        ([processor("a"), DELIMITER, processor("b")], "Only one processor of type Lambda is allowed, not 2"),
        ([processor("a", BufferSizeInMB=1)], "has no parameter BufferSizeInMB"),
        ([processor("a"), {"Type": "Decompression"}], "not Decompression"),
    ],
)
def test_processors_that_are_refused(processors: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        check_supported("ExtendedS3", config(*processors))


@pytest.mark.parametrize(
    "processors", [[processor("a")], [processor("a"), DELIMITER], [DELIMITER, processor("a")]]
)
def test_a_function_may_stand_before_or_after_the_delimiter(processors: list[dict[str, Any]]) -> None:
    check_supported("ExtendedS3", config(*processors))


def batches(hints: FunctionBuffer, records: list[Record]) -> list[Batch]:
    """The batches of records, with one more record that fills the buffer alone."""
    passed: list[Batch] = []
    Buffer(hints, passed.append).add([*records, Record(bytes(int(hints.size_bytes)))])
    return passed


@given(sizes=st.lists(st.integers(0, 30), max_size=40), limit=st.integers(10, 40))
def test_a_batch_is_never_larger_than_the_buffer_unless_one_record_is(sizes: list[int], limit: int) -> None:
    records = [Record(bytes(size)) for size in sizes]
    passed = batches(FunctionBuffer(NEVER, limit), records)
    assert [record for batch in passed for record in batch.records][: len(records)] == records
    for batch in passed:
        assert batch.size <= limit or len(batch.records) == 1
    # Together with its first record, the next batch would not have fitted.
    for batch, following in itertools.pairwise(passed):
        assert batch.size + len(following.records[0].data) > limit or batch.size >= limit


@pytest.mark.parametrize("size", [0, 10, 300])
def test_a_request_of_many_small_records_has_at_most_six_megabytes(size: int) -> None:
    position = KinesisPosition("shardId-000000000000", "1" * 56, "🎉" * 256, 1764000000.123)
    records = [Record(bytes(size), kinesis=position)] * 5_000
    passed = batches(FunctionBuffer(NEVER, 3 * MIB), records)
    assert len(passed) > 2
    for batch in passed:
        assert len(json.dumps(event_of(batch.records, "arn" * 100, "arn" * 100))) <= 6 * MIB


@given(data=st.binary(max_size=100), key=st.text(min_size=1, max_size=256))
def test_a_record_takes_no_more_of_a_request_than_expected(data: bytes, key: str) -> None:
    position = KinesisPosition("shardId-000000000000", "1" * 56, key, 1764000000.123)
    for record in (Record(data), Record(data, kinesis=position)):
        (entry,) = event_of([record], "", None)["records"]
        assert len(json.dumps(entry)) + len(", ") <= record.request_bytes
