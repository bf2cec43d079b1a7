"""What pipes loaded, summed up by window.

A window's counts only ever grow as its loads become known, so the largest of all that was published about it is the
right one: repeating a window in every run neither misses nor doubles anything. A percentile may also fall, so it is
told once nothing more will come into its window.
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
    """Files, rows and bytes of each window, and how long its files took."""
    by_window: defaultdict[Window, list[FileLoad]] = defaultdict(list)
    for load in loads:
        by_window[window_of(load.committed, windows[0].length)].append(load)
    for window in windows:
        there = by_window[window]
        loaded = [load for load in there if load.is_in]
        yield Measure(PipeMetric.FILES_LOADED, len(loaded), "Count", window.start)
        yield Measure(PipeMetric.FILES_FAILED, sum(load.failed for load in there), "Count", window.start)
        yield Measure(PipeMetric.ROWS_LOADED, sum(load.rows for load in loaded), "Count", window.start)
        yield Measure(PipeMetric.ROWS_REJECTED, sum(load.rejected for load in there), "Count", window.start)
        yield Measure(PipeMetric.BYTES_LOADED, sum(load.size for load in loaded), "Bytes", window.start)
        if window.settled(now):
            yield from _percentiles(_LOAD_LATENCY, [load.seconds for load in loaded], window)


def latency_measures(
    canaries: Mapping[datetime, datetime], windows: Sequence[Window], now: datetime
) -> Iterator[Measure]:
    """How long the canaries took that became rows in each window.

    Args:
        canaries: when the row was there to be queried, by when the canary was sent.
        windows: those to tell of.
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
    """The smallest of the values that `share` of them do not exceed."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
