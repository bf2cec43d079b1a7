"""Metrics of a pipe, published by the monitor."""

from __future__ import annotations

from functools import partial
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.metric_source import MetricOptions, MetricSource
from clickstream_wire.metrics import NAMESPACE, Dimension, PipeMetric

_OF_A_MOMENT = {PipeMetric.PIPE_RUNNING, PipeMetric.PENDING_FILES, PipeMetric.OLDEST_PENDING_FILE_AGE}


class PipeMetrics:
    """The monitor's metrics of one kind of event: gauges, of a moment or of a window.

    A window's value is published again with every run, so the maximum is the only correct statistic.

    Args:
        deployment: the prefix of the deployment's names.
        events: the kind of event.
        status_period: the interval between reads of a pipe's state.
        window: the interval over which files, rows and latencies are counted.
        schema_evolution: whether loads add columns, of which each sets off an alarm.
    """

    def __init__(
        self,
        *,
        deployment: str,
        events: str,
        status_period: cdk.Duration,
        window: cdk.Duration,
        schema_evolution: bool = False,
    ) -> None:
        self._dimensions = {Dimension.DEPLOYMENT.value: deployment, Dimension.EVENTS.value: events}
        self.status_period = status_period
        self.window = window
        self.schema_evolution = schema_evolution

    def gauge(self, metric: PipeMetric) -> MetricSource:
        """One metric, with the period it is published for."""
        return partial(
            self._gauge, metric, period=self.status_period if metric in _OF_A_MOMENT else self.window
        )

    def reports(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Load histories that the monitor has published."""
        options.setdefault("period", self.window)
        return self._metric(PipeMetric.FILES_FAILED, "SampleCount", options)

    def _gauge(self, metric: PipeMetric, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        return self._metric(metric, "Maximum", options)

    def _metric(self, metric: PipeMetric, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric.value,
            dimensions_map=self._dimensions,
            statistic=statistic,
            **options,
        )
