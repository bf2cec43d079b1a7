"""Publishing to CloudWatch: valid requests, within the API's limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.metrics import Measure, publish
from pipeline_monitor.reports import Past, last_reports

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cloudwatch() -> Any:
    """A real client whose requests are checked against the API's model and answered by a stub."""
    return boto3.client(
        "cloudwatch", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def entry(events: str, metric: str, value: float, unit: str, resolution: int) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [
            {"Name": "Deployment", "Value": "clickstream-dev"},
            {"Name": "Events", "Value": events},
        ],
        "Timestamp": NOON,
        "Value": value,
        "Unit": unit,
        "StorageResolution": resolution,
    }


@pytest.mark.parametrize(("length", "resolution"), [(timedelta(minutes=5), 60), (timedelta(seconds=10), 1)])
def test_each_value_has_the_dimensions_deployment_and_events(
    cloudwatch: Any, length: timedelta, resolution: int
) -> None:
    measures = {
        "clicks": [
            Measure(PipeMetric.PIPE_RUNNING, 1, "None", NOON),
            Measure(PipeMetric.PENDING_FILES, 2, "Count", NOON),
        ],
        "orders": [Measure(PipeMetric.END_TO_END_FRESHNESS, 61.5, "Seconds", NOON)],
    }
    wanted = [
        entry("clicks", "PipeRunning", 1.0, "None", resolution),
        entry("clicks", "PendingFiles", 2.0, "Count", resolution),
        entry("orders", "EndToEndFreshness", 61.5, "Seconds", resolution),
    ]
    with Stubber(cloudwatch) as stub:
        stub.add_response("put_metric_data", {}, {"Namespace": "Clickstream", "MetricData": wanted})
        assert publish(cloudwatch, measures, deployment="clickstream-dev", resolution=length) == 3
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("count", "requests"), [(0, []), (500, [500]), (1234, [500, 500, 234])])
def test_a_request_stays_below_cloudwatchs_limits(count: int, requests: list[int]) -> None:
    sent: list[int] = []

    class Counter:
        def put_metric_data(self, **request: Any) -> None:
            sent.append(len(request["MetricData"]))

    measures = {"clicks": [Measure(PipeMetric.FILES_LOADED, n, "Count", NOON) for n in range(count)]}
    assert publish(Counter(), measures, deployment="d", resolution=MINUTE) == count
    assert sent == requests


def test_a_refusal_is_reported(cloudwatch: Any) -> None:
    with Stubber(cloudwatch) as stub:
        stub.add_client_error("put_metric_data", "AccessDenied", "not in that namespace")
        with pytest.raises(MonitorError, match=r"metrics not published: .*AccessDenied"):
            publish(
                cloudwatch,
                {"clicks": [Measure(PipeMetric.PIPE_RUNNING, 1, "None", NOON)]},
                deployment="d",
                resolution=MINUTE,
            )


def answered(cloudwatch: Any, *pages: dict[str, dict[datetime, float]]) -> Stubber:
    stub = Stubber(cloudwatch)
    for page in pages:
        results = [
            {"Id": name, "Timestamps": [*series], "Values": [*series.values()]}
            for name, series in page.items()
        ]
        stub.add_response("get_metric_data", {"MetricDataResults": results})
    return stub


def test_the_past_of_a_kind_of_event_is_by_the_minute_and_before_yesterday_by_the_hour(
    cloudwatch: Any,
) -> None:
    """The queries m0, m4 … are for reports; then come complete comparisons, missing files and canaries."""
    of_a_day = {
        "m0": {NOON - MINUTE: 1.0, NOON: 1.0},
        "m1": {NOON - 5 * MINUTE: 1.0},
        "m2": {NOON: 3.0, NOON - MINUTE: 7.0},
        "m3": {NOON: 0.0, NOON - MINUTE: 1.0, NOON - 2 * MINUTE: 1.0},
    }
    older = {"m0": {NOON - 3000 * MINUTE: 12.0}}
    with answered(cloudwatch, of_a_day, older) as stub:
        past = last_reports(cloudwatch, ["clicks", "orders", "payments"], deployment="d", reach=9000 * MINUTE)
        stub.assert_no_pending_responses()
    assert past == {
        "clicks": Past(NOON, NOON - 5 * MINUTE, 3, NOON - MINUTE),
        "orders": Past(NOON - 3000 * MINUTE),
        "payments": Past(),
    }


def test_a_history_of_unknown_length_is_not_published(cloudwatch: Any) -> None:
    stub = Stubber(cloudwatch)
    stub.add_client_error("get_metric_data", "AccessDenied")
    with (
        stub,
        pytest.raises(MonitorError, match=r"the last report was not read from CloudWatch: .*AccessDenied"),
    ):
        last_reports(cloudwatch, ["clicks"], deployment="clickstream-dev", reach=MINUTE)
