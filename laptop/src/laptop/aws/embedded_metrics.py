"""Metrics that log lines contain, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from ministack.services import cloudwatch_logs
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from laptop.aws.metric_filters.pattern import parsed
from laptop.aws.metrics.store import record

Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]

_MAX_VALUES = 100
# CloudWatch takes metrics of two weeks ago to two hours ahead.
_OLDEST_SECONDS = 14 * 24 * 3600.0
_NEWEST_SECONDS = 2 * 3600.0
_SIZES = {f"{multiple}{unit}" for multiple in ("Kilo", "Mega", "Giga", "Tera") for unit in ("bytes", "bits")}
_SIZES |= {"Bytes", "Bits"}
_UNITS = {"Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"}
_UNITS |= _SIZES | {f"{size}/Second" for size in _SIZES}


class _Metric(BaseModel):
    model_config = ConfigDict(strict=True)

    Name: Text
    Unit: str = "None"


class _Directive(BaseModel):
    model_config = ConfigDict(strict=True)

    Namespace: Text
    Dimensions: list[Annotated[list[Text], Field(max_length=30)]]
    Metrics: Annotated[list[_Metric], Field(max_length=100)]


class _Metadata(BaseModel):
    model_config = ConfigDict(strict=True)

    Timestamp: int
    CloudWatchMetrics: list[_Directive]


def install() -> None:
    """Publish the metrics of new lines."""
    # Called with new lines by PutLogEvents and by functions that log.
    fan_out = cloudwatch_logs._fanout_to_subscription_filters
    cloudwatch_logs._fanout_to_subscription_filters = _also_published(fan_out)


def _also_published(fan_out: Callable[..., None]) -> Callable[..., None]:
    def fanned_out(group: str, stream: str, events: Sequence[dict[str, Any]]) -> None:
        fan_out(group, stream, events)
        for event in events:
            publish(str(event.get("message") or ""))

    return fanned_out


def publish(line: str) -> None:
    """Publish the metrics of a line; one with any mistake in its format is only a log line, as in AWS."""
    document = parsed(line) if '"_aws"' in line else None
    if document is None:
        return
    try:
        metadata = _Metadata.model_validate(document.get("_aws"))
        points = list(_points(document, metadata))
    except (ValidationError, ValueError):
        return
    for point in points:
        record(**point)


def _points(document: dict[str, Any], metadata: _Metadata) -> Iterator[dict[str, Any]]:
    """The values of a document, as arguments of `record`.

    Raises:
        ValueError: a metric or a dimension has no valid value.
    """
    moment = metadata.Timestamp / 1000
    if not -_OLDEST_SECONDS <= moment - time.time() <= _NEWEST_SECONDS:
        raise ValueError("The timestamp is too old, or in the future.")
    for directive in metadata.CloudWatchMetrics:
        for names in directive.Dimensions:
            dimensions = {name: _dimension(document.get(name)) for name in names}
            for metric in directive.Metrics:
                if metric.Unit not in _UNITS:
                    raise ValueError(f"{metric.Unit} is not a unit.")
                for value in _values(document.get(metric.Name)):
                    yield {
                        "namespace": directive.Namespace,
                        "name": metric.Name,
                        "value": value,
                        "unit": metric.Unit,
                        "dimensions": dimensions,
                        "now": moment,
                    }


def _dimension(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 1024:
        raise ValueError("A dimension must be text.")
    return value


def _values(found: Any) -> list[float]:
    values = found if isinstance(found, list) else [found]
    if len(values) > _MAX_VALUES or not all(
        type(one) in (int, float) and math.isfinite(one) for one in values
    ):
        raise ValueError(f"A metric must be a number, or a list of at most {_MAX_VALUES}.")
    return [float(one) for one in values]
