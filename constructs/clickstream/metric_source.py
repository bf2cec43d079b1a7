"""Metrics that are made when their period and label are known."""

from __future__ import annotations

from typing import Protocol, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

MINUTE = cdk.Duration.minutes(1)
HOUR = cdk.Duration.hours(1)
AnyMetric = cloudwatch.Metric | cloudwatch.MathExpression


class MetricOptions(TypedDict, total=False):
    """What an alarm or a graph decides about a metric that it reads."""

    period: cdk.Duration
    label: str


class MetricSource(Protocol):
    """Makes a metric for one reader; its own period, a minute for most, unless the reader gives one."""

    def __call__(self, *, period: cdk.Duration = ..., label: str = ...) -> AnyMetric:
        """Make it."""
