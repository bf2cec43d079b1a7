"""Publication of metrics in CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from clickstream_wire.metrics import NAMESPACE, Dimension, PipeMetric
from pipeline_monitor.errors import MonitorError

Unit = Literal["None", "Count", "Seconds", "Bytes"]
# A request may have 1,000 metrics and 1 MB: 500 metrics stay below 1 MB with the longest names.
_BATCH = 500


@dataclass(frozen=True)
class Measure:
    """The value of a metric at a moment."""

    metric: PipeMetric
    value: float
    unit: Unit
    at: datetime


def publish(
    cloudwatch: Any,
    measures: Mapping[str, Sequence[Measure]],
    *,
    deployment: str,
    resolution: timedelta,
) -> int:
    """Publish the measures of each kind of event; return their number.

    Args:
        cloudwatch: the client.
        measures: by the name of the kind of event.
        deployment: the value of the dimension `Deployment`.
        resolution: of the metrics; less than a minute makes high-resolution ones.

    Raises:
        MonitorError: CloudWatch did not accept them.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    seconds = 1 if resolution < timedelta(minutes=1) else 60
    data = [_datum(one, deployment, events, seconds) for events, all_ in measures.items() for one in all_]
    try:
        for at in range(0, len(data), _BATCH):
            cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[at : at + _BATCH])
    except (ClientError, BotoCoreError) as error:
        raise MonitorError(f"metrics not published: {error}") from None
    return len(data)


def _datum(measure: Measure, deployment: str, events: str, resolution: int) -> dict[str, Any]:
    return {
        "MetricName": measure.metric.value,
        "Dimensions": dimensions_of(deployment, events),
        "Timestamp": measure.at,
        "Value": float(measure.value),
        "Unit": measure.unit,
        "StorageResolution": resolution,
    }


def dimensions_of(deployment: str, events: str) -> list[dict[str, str]]:
    """The dimensions of all metrics of a kind of event."""
    return [
        {"Name": Dimension.DEPLOYMENT.value, "Value": deployment},
        {"Name": Dimension.EVENTS.value, "Value": events},
    ]
