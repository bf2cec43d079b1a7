"""The monitor's last reports: what it has published is all it knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clickstream_wire.metrics import NAMESPACE, PipeMetric
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.metrics import dimensions_of

_HOUR = timedelta(hours=1)


def last_reports(
    cloudwatch: Any, kinds: Sequence[str], *, deployment: str, reach: timedelta
) -> dict[str, datetime]:
    """The hours in which the load history of each kind of event was last published; none where it never was.

    Args:
        cloudwatch: the client.
        kinds: names of kinds of event.
        deployment: the value of the dimension `Deployment`.
        reach: how long ago a report may be.

    Raises:
        MonitorError: CloudWatch did not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    now = datetime.now(UTC)
    queries = [
        {
            "Id": f"kind{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": PipeMetric.FILES_FAILED.value,
                    "Dimensions": dimensions_of(deployment, events),
                },
                "Period": int(_HOUR.total_seconds()),
                "Stat": "SampleCount",
            },
        }
        for number, events in enumerate(kinds)
    ]
    hours: dict[str, list[datetime]] = {}
    try:
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=now - reach, EndTime=now + _HOUR
        )
        for result in (one for page in pages for one in page["MetricDataResults"]):
            hours.setdefault(result["Id"], []).extend(result["Timestamps"])
    except (ClientError, BotoCoreError) as error:
        raise MonitorError(f"the last report was not read from CloudWatch: {error}") from None
    return {
        events: max(hours[f"kind{number}"])
        for number, events in enumerate(kinds)
        if hours.get(f"kind{number}")
    }
