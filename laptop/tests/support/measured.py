"""The published metrics of a resource, and a delivery stream to measure."""

from __future__ import annotations

import time
from typing import Any

from laptop.testing.aws import ACCOUNT, REGION, ROLE, Emulator, unique


class Metrics:
    """The metrics of one resource in the last minutes."""

    def __init__(self, emulator: Emulator, namespace: str, **dimensions: str) -> None:
        self._client = emulator.client("cloudwatch")
        self._namespace = namespace
        self._dimensions = [{"Name": name, "Value": value} for name, value in dimensions.items()]

    def __call__(self, statistic: str, name: str) -> float | None:
        now = time.time()
        metric = {"Namespace": self._namespace, "MetricName": name, "Dimensions": self._dimensions}
        query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": statistic}}
        answer = self._client.get_metric_data(
            MetricDataQueries=[query], StartTime=now - 3600, EndTime=now + 3600, ScanBy="TimestampAscending"
        )
        values: list[float] = answer["MetricDataResults"][0]["Values"]
        if not values:
            return None
        # The tests may run across the turn of an hour.
        return {"Sum": sum(values), "Minimum": min(values), "Maximum": max(values), "Average": values[-1]}[
            statistic
        ]

    def names(self) -> set[str]:
        listed = self._client.list_metrics(Namespace=self._namespace, Dimensions=self._dimensions)
        return {metric["MetricName"] for metric in listed["Metrics"]}


def delivery_stream(emulator: Emulator, bucket: str, *, source: str | None = None, role: str = ROLE) -> str:
    name = unique("delivery")
    more: dict[str, Any] = {}
    if source:
        arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{source}"
        more = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": role},
        }
    emulator.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "RoleARN": role,
            "BufferingHints": {"IntervalInSeconds": 2, "SizeInMBs": 1},
        },
        **more,
    )
    return emulator.active_delivery_stream(name)
