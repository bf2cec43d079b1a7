"""docs/scaling.md: what a rate of events needs, computed by the model in bench/simulation.py."""

from __future__ import annotations

import math

from bench.simulation import MIB, Pipeline, burst, freshness, shards_for

_RATES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
_DAY = 86_400
# pipeline_monitor/lake.py
_COMPARED_FILES, _COMPARED_HOURS = 10_000, (24, 6, 1)


def needs() -> str:
    """One row a quantity, one column a rate."""
    pipeline = Pipeline()
    rows = {
        "MB/s": [f"{rate * pipeline.event_bytes / 1e6:,.3g}" for rate in _RATES],
        "shards, 70 % loaded": [f"{shards_for(rate, pipeline):,}" for rate in _RATES],
        "the same, one event a record": [
            f"{shards_for(rate, Pipeline(record_bytes=pipeline.event_bytes)):,}" for rate in _RATES
        ],
        "gate: calls a second": [_short(_calls(rate, pipeline)) for rate in _RATES],
        "gate: at once": [_short(_calls(rate, pipeline) * pipeline.gate_seconds_a_mib) for rate in _RATES],
        "files a day": [f"{_files_a_day(rate, pipeline):,}" for rate in _RATES],
        "MB a file, compressed": [
            _short(
                rate * pipeline.event_bytes * _DAY / _files_a_day(rate, pipeline) / pipeline.compression / 1e6
            )
            for rate in _RATES
        ],
        "hours of files that the monitor compares": [
            _hours_compared(_files_a_day(rate, pipeline)) for rate in _RATES
        ],
        "rows of COPY_HISTORY in 14 days": [f"{14 * _files_a_day(rate, pipeline):,}" for rate in _RATES],
        "event → row, oldest of a file": [f"{pipeline.unhurried(rate):,.0f} s" for rate in _RATES],
    }
    heads = [f"{rate:,}" for rate in _RATES]
    lines = [f"| events/s | {' | '.join(heads)} |", "| --- |" + " --- |" * len(_RATES)]
    return (
        "\n"
        + "\n".join([*lines, *(f"| {name} | {' | '.join(row)} |" for name, row in rows.items())])
        + "\n\n"
    )


def bursts() -> str:
    """The longest wait for several bursts of ten minutes, by kind of stream."""
    rate, lines = (
        50_000,
        ["| ten minutes at | shards for the usual rate | shards for the burst | on demand |"],
    )
    lines.append("| --- | --- | --- | --- |")
    for factor in (1.3, 2, 4, 10):
        rates = burst(rate, factor)
        usual, peak = (shards_for(one, Pipeline()) for one in (rate, rate * factor))
        waits = [
            f"{max(freshness(rates, Pipeline(shards=shards))):,.0f} s{f' ({shards})' if shards else ''}"
            for shards in (usual, peak, None)
        ]
        lines.append(f"| {factor:g} times {rate:,} events/s | {' | '.join(waits)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def _calls(rate: float, pipeline: Pipeline) -> float:
    full = rate * pipeline.event_bytes / (pipeline.gate_mib * MIB)
    return max(full, 1 / pipeline.gate_interval_seconds)


def _files_a_day(rate: float, pipeline: Pipeline) -> int:
    full = rate * pipeline.event_bytes / (pipeline.buffer_mib * MIB)
    return math.ceil(max(full, 1 / pipeline.buffer_interval_seconds) * _DAY)


def _hours_compared(files_a_day: int) -> str:
    fitting = (hours for hours in _COMPARED_HOURS if files_a_day / 24 * hours <= _COMPARED_FILES)
    return str(next(fitting, "part of one"))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
