"""The name and the bytes of Firehose's objects."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import pytest

from laptop.aws.firehose.failed_records import ErrorOutput, failed_record
from laptop.aws.firehose.lambda_answer import Failure
from laptop.aws.firehose.record import Record
from laptop.aws.firehose.s3_object import Destination

# 2026-03-01T23:30:05Z: another day, another month, another hour in most time zones.
ARRIVED = 1772407805.0
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def destination(**config: Any) -> Destination:
    return Destination("clicks", "arn:aws:firehose:::clicks", 3, {"BucketARN": "arn:aws:s3:::lake"} | config)


def delimiting(**parameters: str) -> dict[str, Any]:
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": listed}]}


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        (None, "2026/03/01/23/"),
        ("", "2026/03/01/23/"),
        ("raw/", "raw/2026/03/01/23/"),
        ("events/dt=!{timestamp:yyyy-MM-dd}/hh=!{timestamp:HH}/", "events/dt=2026-03-01/hh=23/"),
        ("y=!{timestamp:yyyy}/", "y=2026/"),
    ],
)
def test_the_prefix_has_the_arrival_of_the_oldest_record(prefix: str | None, expected: str) -> None:
    key = destination(Prefix=prefix).object_key(ARRIVED)
    assert re.fullmatch(f"{re.escape(expected)}clicks-3-2026-03-01-23-30-05-{UUID}", key), key


def test_random_strings_differ_within_one_prefix() -> None:
    key = destination(Prefix="!{firehose:random-string}/!{firehose:random-string}/").object_key(ARRIVED)
    first, second = key.split("/")[:2]
    assert len(first) == len(second) == 11
    assert first != second


def test_the_time_zone_changes_prefix_and_name() -> None:
    key = destination(CustomTimeZone="Asia/Tokyo").object_key(ARRIVED)
    assert key.startswith("2026/03/02/08/clicks-3-2026-03-02-08-30-05-")


def test_the_extension_follows_the_compression_unless_one_is_chosen() -> None:
    assert destination(CompressionFormat="GZIP").object_key(ARRIVED).endswith(".gz")
    assert (
        destination(CompressionFormat="GZIP", FileExtension=".json.gz")
        .object_key(ARRIVED)
        .endswith(".json.gz")
    )


def test_records_run_together_without_a_delimiter() -> None:
    assert destination().body([b"a", b"b"]) == b"ab"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, b"a\nb\n"), ({"Delimiter": "\\n"}, b"a\nb\n"), ({"Delimiter": ";"}, b"a;b;")],
)
def test_the_delimiter_follows_every_record(parameters: dict[str, str], expected: bytes) -> None:
    assert destination(ProcessingConfiguration=delimiting(**parameters)).body([b"a", b"b"]) == expected


def test_disabled_processors_do_nothing() -> None:
    off = delimiting() | {"Enabled": False}
    assert destination(ProcessingConfiguration=off).body([b"a", b"b"]) == b"ab"


def test_gzip_is_one_stream_of_all_records() -> None:
    body = destination(CompressionFormat="GZIP", ProcessingConfiguration=delimiting()).body([b"a", b"b"])
    assert body[:2] == b"\x1f\x8b"
    assert gzip.decompress(body) == b"a\nb\n"


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        ({}, "processing-failed/2026/03/01/23/"),
        ({"Prefix": "raw/"}, "raw/processing-failed/2026/03/01/23/"),
        ({"ErrorOutputPrefix": "errors/"}, "errors/2026/03/01/23/"),
        (
            {"ErrorOutputPrefix": "errors/!{firehose:error-output-type}/"},
            "errors/processing-failed/2026/03/01/23/",
        ),
        (
            {"ErrorOutputPrefix": "e/!{timestamp:yyyy}/!{firehose:error-output-type}/"},
            "e/2026/processing-failed/",
        ),
    ],
)
def test_failed_records_have_a_prefix_of_their_kind(prefixes: dict[str, str], expected: str) -> None:
    key = ErrorOutput.of(destination(**prefixes)).object_key(ARRIVED)
    assert re.fullmatch(f"{expected}clicks-3-2026-03-01-23-30-05-{UUID}", key), key


@pytest.mark.parametrize("processing", [{}, {"ProcessingConfiguration": delimiting(Delimiter=";")}])
def test_each_failed_record_is_a_line(processing: dict[str, Any]) -> None:
    originals = [Record(b"\xff\n", arrived=ARRIVED), Record(b"", arrived=ARRIVED + 0.001)]
    documents = [failed_record(one, Failure("c", "m\n"), attempts=2, function_arn="f") for one in originals]
    assert [one.arrived for one in documents] == [ARRIVED, ARRIVED + 0.001]
    body = ErrorOutput.of(destination(**processing)).body([one.data for one in documents])
    assert body.endswith(b"\n")
    first, second = (json.loads(line) for line in body.splitlines())
    assert base64.b64decode(first["rawData"]) == b"\xff\n"
    assert (first["arrivalTimestamp"], second["arrivalTimestamp"]) == (1772407805000, 1772407805001)
    assert (first["attemptsMade"], first["errorCode"], first["errorMessage"]) == (2, "c", "m\n")
