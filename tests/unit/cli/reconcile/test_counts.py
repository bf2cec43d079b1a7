"""Records that the stream took and Firehose did not pass on are missing, unless they may be under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.reconcile.counts import UNDER_WAY, record_counts
from config.files import load_config
from config.model import PipelineConfig

CONFIG = load_config("dev")
CLICKS = CONFIG.event_stream("clicks")
END = datetime.now(UTC) - timedelta(days=1)


class CloudWatch:
    """A number of records an hour for each metric, all long ago."""

    def __init__(self, **sums: float) -> None:
        self._sums = sums
        self.dimensions: list[str] = []

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        assert (request["EndTime"] - request["StartTime"]).total_seconds() / request["Period"] <= 1440
        if datetime.now(UTC) - request["StartTime"] <= UNDER_WAY + timedelta(minutes=1):
            return {"Datapoints": [{"Sum": self._sums.get("recent", 0)}]}
        self.dimensions.append(request["Dimensions"][0]["Value"])
        name = request["MetricName"].replace(".", "_")
        return {"Datapoints": [{"Sum": self._sums.get(name, 0) / 2}] * 2}


@pytest.mark.parametrize(
    ("sums", "failed", "missing"),
    [
        ({"IncomingRecords": 1000, "SucceedProcessing_Records": 1000}, 0, 0),
        ({"IncomingRecords": 1000, "SucceedProcessing_Records": 1200}, 0, 0),
        ({"IncomingRecords": 1000, "SucceedProcessing_Records": 990}, 0, 0),
        ({"IncomingRecords": 1000, "SucceedProcessing_Records": 980}, 0, 20),
        ({"IncomingRecords": 1000, "SucceedProcessing_Records": 980}, 20, 0),
        ({"IncomingRecords": 3}, 0, 3),
        ({}, 0, 0),
    ],
)
def test_records_beyond_the_tolerance_are_missing(sums: dict[str, float], failed: int, missing: int) -> None:
    cloudwatch = CloudWatch(**sums)
    counts = record_counts(cloudwatch, CONFIG, CLICKS, END - timedelta(days=3), END, failed)
    assert counts.missing == missing
    assert cloudwatch.dimensions == [CLICKS.stream_name, CLICKS.delivery_stream_name]


def test_records_of_the_last_minutes_may_be_under_way() -> None:
    now = datetime.now(UTC)
    cloudwatch = CloudWatch(IncomingRecords=100, SucceedProcessing_Records=60, recent=40)
    assert record_counts(cloudwatch, CONFIG, CLICKS, now - timedelta(hours=2), now, 0).missing == 0


def test_without_stream_and_gate_what_is_delivered_counts() -> None:
    values = CONFIG.model_dump(by_alias=True)
    values["gate"]["enabled"] = False
    values["streaming"]["source"] = "direct_put"
    config = PipelineConfig.model_validate(values)
    cloudwatch = CloudWatch(IncomingRecords=100, DeliveryToS3_Records=60)
    counts = record_counts(cloudwatch, config, CLICKS, END - timedelta(hours=2), END, 0)
    assert counts.missing == 40
    assert cloudwatch.dimensions == [CLICKS.delivery_stream_name] * 2
