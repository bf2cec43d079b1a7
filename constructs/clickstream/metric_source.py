"""Metrics whose period and label the reader chooses."""

from __future__ import annotations

from typing import Protocol, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

MINUTE = cdk.Duration.minutes(1)
HOUR = cdk.Duration.hours(1)
AnyMetric = cloudwatch.Metric | cloudwatch.MathExpression


class MetricOptions(TypedDict, total=False):
    """Options of a metric that are chosen by the alarm or graph that reads it."""

    period: cdk.Duration
    label: str


class MetricSource(Protocol):
    """Creates a metric for one reader; its period is the metric's own (mostly a minute) unless the reader gives one."""

    def __call__(self, *, period: cdk.Duration = ..., label: str = ...) -> AnyMetric:
        """Make it."""
