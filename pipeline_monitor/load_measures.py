"""Loads, summed up by window.

A window's counts only grow as its loads become known, so the maximum of all published values is correct: a window may
be published in every run. A percentile may also fall, so it is published only when its window is complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.loads import FileLoad
from pipeline_monitor.metrics import Measure
from pipeline_monitor.windows import Window, window_of

_LOAD_LATENCY = {0.5: PipeMetric.LOAD_LATENCY_P50, 0.95: PipeMetric.LOAD_LATENCY_P95}
_END_TO_END_LATENCY = {0.5: PipeMetric.END_TO_END_LATENCY_P50, 0.95: PipeMetric.END_TO_END_LATENCY_P95}


def load_measures(loads: Iterable[FileLoad], windows: Sequence[Window], now: datetime) -> Iterator[Measure]:
    """Files, rows and bytes of each window, and the load times of its files."""
    by_window: defaultdict[Window, list[FileLoad]] = defaultdict(list)
    for load in loads:
        if load.is_in:
            by_window[window_of(load.committed, windows[0].length)].append(load)
    for window in windows:
        loaded = by_window[window]
        yield Measure(PipeMetric.FILES_LOADED, len(loaded), "Count", window.start)
        yield Measure(PipeMetric.ROWS_LOADED, sum(load.rows for load in loaded), "Count", window.start)
        yield Measure(PipeMetric.BYTES_LOADED, sum(load.size for load in loaded), "Bytes", window.start)
        if window.settled(now):
            yield from _percentiles(_LOAD_LATENCY, [load.seconds for load in loaded], window)


def latency_measures(
    canaries: Mapping[datetime, datetime], windows: Sequence[Window], now: datetime
) -> Iterator[Measure]:
    """Latencies of the canaries that became rows in each window.

    Args:
        canaries: the time at which the row could be queried, by the time at which the canary was sent.
        windows: the windows to publish.
        now: the present.
    """
    seconds: defaultdict[Window, list[float]] = defaultdict(list)
    for sent, committed in canaries.items():
        took = max(0.0, (committed - sent).total_seconds())
        seconds[window_of(committed, windows[0].length)].append(took)
    for window in windows:
        if window.settled(now):
            yield from _percentiles(_END_TO_END_LATENCY, seconds[window], window)


def _percentiles(
    metrics: Mapping[float, PipeMetric], values: Iterable[float], window: Window
) -> Iterator[Measure]:
    ordered = sorted(values)
    if ordered:
        for share, metric in metrics.items():
            yield Measure(metric, percentile(ordered, share), "Seconds", window.start)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of the values."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
