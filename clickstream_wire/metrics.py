"""The project's own metrics: namespace, dimensions and names.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html
"""

from __future__ import annotations

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
    ROWS_LOADED = "RowsLoaded"
    ROWS_REJECTED = "RowsRejected"
    NEW_COLUMNS = "NewColumns"
    """Columns that schema evolution has added; only while it is on."""
    BYTES_LOADED = "BytesLoaded"
    LOAD_LATENCY_P50 = "LoadLatencyP50"
    LOAD_LATENCY_P95 = "LoadLatencyP95"
    END_TO_END_LATENCY_P50 = "EndToEndLatencyP50"
    END_TO_END_LATENCY_P95 = "EndToEndLatencyP95"
    END_TO_END_FRESHNESS = "EndToEndFreshness"


class GateMetric(StrEnum):
    """Metrics that the event gate publishes for each kind of event: counts of an invocation."""

    ACCEPTED = "EventsAccepted"
    REJECTED = "EventsRejected"
    FOLDED = "FieldsFolded"


SENT_EVENTS = "SentEvents"
"""Events that the sample producer sent, counted from its log."""


class LogField(StrEnum):
    """Fields of a line of that log."""

    DEPLOYMENT = "deployment"
    EVENTS = "events"
    SENT = "sent"
