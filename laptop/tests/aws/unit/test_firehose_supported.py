"""Features that the laptop's Firehose refuses because it cannot provide them as AWS does."""

from __future__ import annotations

from typing import Any

import pytest

from laptop.aws.firehose.limits import RefusedError
from laptop.aws.firehose.supported import check_supported


def processing(kind: str, *, enabled: bool = True) -> dict[str, Any]:
    return {"ProcessingConfiguration": {"Enabled": enabled, "Processors": [{"Type": kind}]}}


@pytest.mark.parametrize(
    ("destination", "config", "reason"),
    [
        ("Iceberg", {}, "delivers to S3, not to Iceberg"),
        ("ExtendedS3", {"CompressionFormat": "Snappy"}, "writes UNCOMPRESSED or GZIP, not Snappy"),
        ("S3", {"CompressionFormat": "HADOOP_SNAPPY"}, "not HADOOP_SNAPPY"),
        ("ExtendedS3", processing("MetadataExtraction"), "AppendDelimiterToRecord and Lambda, not Metadata"),
        ("ExtendedS3", {"DynamicPartitioningConfiguration": {"Enabled": True}}, "not to dynamic partitions"),
        ("ExtendedS3", {"DataFormatConversionConfiguration": {"SchemaConfiguration": {}}}, "another format"),
    ],
)
def test_unsupported_features_are_refused(destination: str, config: dict[str, Any], reason: str) -> None:
    with pytest.raises(RefusedError, match=f"the laptop's Firehose .*{reason}") as refusal:
        check_supported(destination, config)
    assert refusal.value.code == "InvalidArgumentException"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"CompressionFormat": "GZIP", **processing("AppendDelimiterToRecord")},
        processing("Lambda", enabled=False),
        {"DynamicPartitioningConfiguration": {"Enabled": False}},
        {"DataFormatConversionConfiguration": {"Enabled": False}},
    ],
)
def test_plain_delivery_to_s3_is_supported(config: dict[str, Any]) -> None:
    check_supported("ExtendedS3", config)
