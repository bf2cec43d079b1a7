"""Metric filters of CloudWatch Logs, which publish numbers from log lines; MiniStack only stores the filters."""

from laptop.aws.metric_filters.publishing import install

__all__ = ["install"]
