"""MiniStack's metric store: reading it for alarms and graphs, writing to it, and limiting its size."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping

from ministack.services import cloudwatch

from laptop.aws.metrics.queries import MetricSource
from laptop.aws.metrics.retention import merged, thinned
from laptop.aws.metrics.statistics import Sample
from laptop.aws.metrics.windows import Windows

# Finer than the minute of AWS's metrics, so that alarms on the laptop need not wait for one.
_SLOT_SECONDS = 10

# Held while existing points are changed; MiniStack itself only appends.
_lock = threading.Lock()


def install() -> None:
    """Leave the removal of old points to `tidy`: MiniStack's replaces lists that other threads are writing to."""
    cloudwatch._evict_old_metrics = lambda: None


def samples(source: MetricSource, windows: Windows) -> Iterator[Sample]:
    """The samples of a metric of the current account and region."""
    key = (source.namespace, source.name, cloudwatch._dims_key(dict(source.dimensions)))
    for point in list(cloudwatch._metrics.get(key) or ()):
        unit = point.get("Unit") or "None"
        if windows.start <= point["Timestamp"] < windows.end and source.unit in (None, unit):
            yield Sample(point["Timestamp"], *cloudwatch._point_stats(point))


def record(
    namespace: str,
    name: str,
    value: float,
    *,
    unit: str,
    dimensions: Mapping[str, str],
    now: float | None = None,
) -> None:
    """Publish a metric of an AWS service in the current account and region.

    Values of the same ten seconds are merged into one statistic set, so that a busy service needs little memory.
    """
    slot = (time.time() if now is None else now) // _SLOT_SECONDS * _SLOT_SECONDS
    point = {
        "Timestamp": slot,
        "Value": float(value),
        "Unit": unit,
        "Dimensions": dict(dimensions),
        "_stat": {"SampleCount": 1.0, "Sum": float(value), "Minimum": float(value), "Maximum": float(value)},
    }
    with _lock:
        points = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(point["Dimensions"])))
        if points and points[-1]["Timestamp"] == slot:
            points[-1] = merged([points[-1], point], slot)
        else:
            points.append(point)


def tidy(now: float) -> None:
    """Keep points as long as CloudWatch: seconds for three hours, minutes for fifteen days."""
    for key, points in cloudwatch._metrics.all_items():
        with _lock:
            count = len(points)
            # In place: MiniStack may be appending to this list.
            points[:count] = thinned(points[:count], now)
            if not points:
                cloudwatch._metrics.pop_scoped(*key, None)
