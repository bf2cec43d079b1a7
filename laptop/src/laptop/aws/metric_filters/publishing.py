"""Metrics from the lines that a log group receives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch, cloudwatch_logs

from laptop.aws.metric_filters.pattern import Pattern, parsed, selected

Event = dict[str, Any]


def install() -> None:
    """Publish a metric for new lines, and refuse a filter that cannot be evaluated."""
    cloudwatch_logs._put_metric_filter = _checked(cloudwatch_logs._put_metric_filter)
    # Called with new lines by PutLogEvents and by functions that log.
    cloudwatch_logs._fanout_to_subscription_filters = _also_measured(
        cloudwatch_logs._fanout_to_subscription_filters
    )


def _checked(put: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def checked(data: dict[str, Any]) -> Any:
        try:
            Pattern(data.get("filterPattern") or "")
        except ValueError as error:
            return error_response_json("InvalidParameterException", str(error), 400)
        return put(data)

    return checked


def _also_measured(fan_out: Callable[..., None]) -> Callable[..., None]:
    def fanned_out(group: str, stream: str, events: Sequence[Event]) -> None:
        fan_out(group, stream, events)
        for metric_filter in cloudwatch_logs._metric_filters.values():
            if metric_filter["logGroupName"] == group:
                _measure(metric_filter, events)

    return fanned_out


def _measure(metric_filter: dict[str, Any], events: Sequence[Event]) -> None:
    matches = Pattern(metric_filter["filterPattern"])
    messages = [str(event.get("message") or "") for event in events]
    matching = [message for message in messages if matches(message)]
    for transformation in metric_filter["metricTransformations"]:
        for message in matching:
            _publish(transformation, _value(transformation["metricValue"], message), message)
        if not matching and messages and transformation.get("defaultValue") is not None:
            _publish(transformation, float(transformation["defaultValue"]), "")


def _publish(transformation: dict[str, Any], value: float | None, message: str) -> None:
    document = parsed(message)
    dimensions = {
        name: selected(document, field) for name, field in (transformation.get("dimensions") or {}).items()
    }
    # A line without the value, or without one of the dimensions, is not counted.
    if value is None or None in dimensions.values():
        return
    cloudwatch.record_metric(
        transformation["metricNamespace"],
        transformation["metricName"],
        value,
        transformation.get("unit") or "None",
        {name: str(found) for name, found in dimensions.items()},
    )


def _value(metric_value: Any, message: str) -> float | None:
    """A constant, or the number in the field `$.field`."""
    text = str(metric_value)
    if not text.startswith("$."):
        return float(text)
    found = selected(parsed(message), text)
    try:
        return float(found)
    except (TypeError, ValueError):
        return None
