"""The metrics of a pipe, which our own function publishes."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "Clickstream"


class SnowpipeMetrics:
    """What the monitor publishes for one kind of event: gauges, of a moment or of a window.

    A window's value is published again with every run, so the one statistic that reads them right is the maximum.

    Args:
        deployment: the prefix of the deployment's names.
        events: the kind of event.
        status_period: how far apart a pipe's states are read.
        window: what files, rows and latencies are counted over.
    """

    def __init__(
        self, *, deployment: str, events: str, status_period: cdk.Duration, window: cdk.Duration
    ) -> None:
        self._dimensions = {"Deployment": deployment, "Events": events}
        self.status_period = status_period
        self.window = window

    def pipe_running(self) -> cloudwatch.Metric:
        """1 while the pipe is running, else 0."""
        return self._gauge("PipeRunning", self.status_period)

    def pending_files(self) -> cloudwatch.Metric:
        """Files that wait for the pipe."""
        return self._gauge("PendingFiles", self.status_period)

    def pending_file_age(self) -> cloudwatch.Metric:
        """Seconds that the oldest of them has waited."""
        return self._gauge("OldestPendingFileAge", self.status_period)

    def files_loaded(self) -> cloudwatch.Metric:
        """Files loaded in a window."""
        return self._gauge("FilesLoaded", self.window)

    def files_failed(self) -> cloudwatch.Metric:
        """Files of which nothing was loaded."""
        return self._gauge("FilesFailed", self.window)

    def rows_loaded(self) -> cloudwatch.Metric:
        """Rows loaded in a window."""
        return self._gauge("RowsLoaded", self.window)

    def rows_rejected(self) -> cloudwatch.Metric:
        """Lines that did not become a row."""
        return self._gauge("RowsRejected", self.window)

    def bytes_loaded(self) -> cloudwatch.Metric:
        """Size of the files loaded in a window, as stored."""
        return self._gauge("BytesLoaded", self.window)

    def load_latency(self, percentile: int) -> cloudwatch.Metric:
        """Seconds from the pipe's receiving a file to its rows, percentile 50 or 95."""
        return self._gauge(f"LoadLatencyP{percentile}", self.window)

    def end_to_end_latency(self, percentile: int) -> cloudwatch.Metric:
        """Seconds from sending a canary event to its row, percentile 50 or 95."""
        return self._gauge(f"EndToEndLatencyP{percentile}", self.window)

    def end_to_end_freshness(self) -> cloudwatch.Metric:
        """Seconds since the newest canary event that is a row was sent."""
        return self._gauge("EndToEndFreshness", self.window)

    def _gauge(self, name: str, period: cdk.Duration) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map=self._dimensions,
            statistic="Maximum",
            period=period,
        )
