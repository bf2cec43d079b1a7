"""The project's own metrics: namespace, dimensions and names.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from enum import StrEnum

NAMESPACE = "Clickstream"


class Dimension(StrEnum):
    """Dimensions of the metrics."""

    DEPLOYMENT = "Deployment"
    """Prefix of the deployment's names, e.g. `clickstream-prod`."""
    EVENTS = "Events"
    """Name of the kind of event."""
    REASON = "Reason"
    """Why an event was rejected."""


class PipeMetric(StrEnum):
    """Metrics that the monitor publishes for each kind of event: gauges, of a moment or of a window."""

    PIPE_RUNNING = "PipeRunning"
    PENDING_FILES = "PendingFiles"
    OLDEST_PENDING_FILE_AGE = "OldestPendingFileAge"
    FILES_LOADED = "FilesLoaded"
    FILES_FAILED = "FilesFailed"
    """Files of which nothing was loaded, in the last twenty minutes or, after an outage, since the last report."""
    ROWS_LOADED = "RowsLoaded"
    ROWS_REJECTED = "RowsRejected"
    """Rows that were not loaded, in the same time."""
    FILES_MISSING = "FilesMissing"
    """Files in the lake's folders of the last day that Snowpipe should know by now and does not."""
    NEW_COLUMNS = "NewColumns"
    """Columns that schema evolution has added in the same time; only while it is on."""
    BYTES_LOADED = "BytesLoaded"
    LOAD_LATENCY_P50 = "LoadLatencyP50"
    LOAD_LATENCY_P95 = "LoadLatencyP95"
    END_TO_END_LATENCY_P50 = "EndToEndLatencyP50"
    END_TO_END_LATENCY_P95 = "EndToEndLatencyP95"
    END_TO_END_FRESHNESS = "EndToEndFreshness"
    COMPLETE_COMPARISONS = "CompleteComparisons"
    """Comparisons of the lake with the table: each wakes the warehouse, for a minute at least."""


class GateMetric(StrEnum):
    """Metrics that the event gate publishes for each kind of event: counts of an invocation."""

    ACCEPTED = "EventsAccepted"
    REJECTED = "EventsRejected"
    FOLDED = "FieldsFolded"


CANARIES_SENT = "CanariesSent"
"""A canary of the current minute for each kind of event: 1 if its front door accepted it, 0 if not."""

SENT_EVENTS = "SentEvents"
"""Events that the sample producer sent, counted from its log."""


class LogField(StrEnum):
    """Fields of a line of that log."""

    DEPLOYMENT = "deployment"
    EVENTS = "events"
    SENT = "sent"


def metric_line(dimensions: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """A line of a Lambda's log that CloudWatch publishes as metrics of the present; needs no right.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    head = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": head, **dimensions, **counts})
