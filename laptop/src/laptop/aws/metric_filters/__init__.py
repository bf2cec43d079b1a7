"""Metric filters of CloudWatch Logs: numbers out of log lines; MiniStack keeps them and publishes nothing."""

from laptop.aws.metric_filters.publishing import install

__all__ = ["install"]
