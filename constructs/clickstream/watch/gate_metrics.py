"""Metrics of one kind of event's gate: its own, and those of its function."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.metric_source import MINUTE, MetricOptions, MetricSource
from clickstream_wire.metrics import NAMESPACE, Dimension, GateMetric


class GateMetrics:
    """Names, dimensions and statistics of the metrics; the function is known by its name alone.

    A reference to the function would be an export of its stack, which could then not switch the gate off.

    Args:
        deployment: the prefix of the deployment's names.
        events: the kind of event.
        function_name: the gate's function.
    """

    def __init__(self, *, deployment: str, events: str, function_name: str) -> None:
        self._dimensions = {Dimension.DEPLOYMENT.value: deployment, Dimension.EVENTS.value: events}
        self._function = {"FunctionName": function_name}

    def count(self, name: GateMetric) -> MetricSource:
        """One of the gate's own counts."""

        def metric(**options: Unpack[MetricOptions]) -> cloudwatch.Metric:
            return _sum(NAMESPACE, name, self._dimensions, options)

        return metric

    def rejected_percent(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """Share of rejects among all that arrived, in percent."""
        period = options.setdefault("period", MINUTE)
        return cloudwatch.MathExpression(
            expression="100 * rejected / (accepted + rejected)",
            using_metrics={
                "accepted": self.count(GateMetric.ACCEPTED)(period=period),
                "rejected": self.count(GateMetric.REJECTED)(period=period),
            },
            **options,
        )

    def failed_calls(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """Calls that ended in an error or were throttled."""
        period = options.setdefault("period", MINUTE)
        return cloudwatch.MathExpression(
            expression="errors + throttles",
            using_metrics={
                "errors": self._lambda("Errors", period=period),
                "throttles": self._lambda("Throttles", period=period),
            },
            **options,
        )

    def duration(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Milliseconds that the function ran."""
        return self._lambda("Duration", **options)

    def _lambda(self, name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        return _sum("AWS/Lambda", name, self._function, options)


def _sum(namespace: str, name: str, dimensions: dict[str, str], options: MetricOptions) -> cloudwatch.Metric:
    options.setdefault("period", MINUTE)
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic="Sum", **options
    )
