"""The plot of docs/scaling.md: `scripts/plot` runs this with matplotlib, which nothing else needs."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from bench.simulation import Pipeline, burst, freshness, shards_for

FILE = Path(__file__).resolve().parent.parent / "docs" / "images" / "burst.svg"
_RATE, _FACTOR, _SECONDS, _TOTAL = 50_000, 4, 600, 3600


def main() -> None:
    """Draw the freshness of three streams in a burst."""
    # The same file for the same model: no date, no random ids.
    mpl.rcParams["svg.hashsalt"] = "burst"
    mpl.rcParams["svg.fonttype"] = "none"
    rates = burst(_RATE, _FACTOR, seconds=_SECONDS, total=_TOTAL)
    usual, peak = (shards_for(rate, Pipeline()) for rate in (_RATE, _RATE * _FACTOR))
    streams = {
        f"{usual} shards, enough for the usual rate": Pipeline(shards=usual),
        f"{peak} shards, enough for the burst": Pipeline(shards=peak),
        "on demand": Pipeline(),
    }
    figure, axes = plt.subplots(figsize=(8, 4))
    for name, pipeline in streams.items():
        axes.plot([second / 60 for second in range(_TOTAL)], freshness(rates, pipeline), label=name)
    axes.set_yscale("log")
    axes.set_yticks([60, 120, 300, 600, 1800], ["1 min", "2 min", "5 min", "10 min", "30 min"])
    axes.minorticks_off()
    axes.axvspan(1, 1 + _SECONDS / 60, alpha=0.1, label=f"{_FACTOR} times {_RATE:,} events/s")
    axes.set_xlabel("minute in which an event is sent")
    axes.set_ylabel("time until it is a row")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    figure.tight_layout()
    figure.savefig(FILE, metadata={"Date": None})


if __name__ == "__main__":
    main()
