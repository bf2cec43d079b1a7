"""CloudWatch statistics: one datapoint from the samples of a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from laptop.aws.metrics.windows import Windows

SIMPLE = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")

Series = tuple[float | None, ...]
"""One value per window, oldest first; None where there is no data."""


@dataclass(frozen=True)
class Sample:
    """A value published `count` times at one moment, or a statistic set."""

    timestamp: float
    count: float
    total: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, timestamp: float, value: float, *, count: float = 1) -> Sample:
        """A value, published `count` times."""
        return cls(timestamp, count, value * count, value, value)


def check_statistic(name: str) -> str:
    """Return the name if this statistic can be computed here.

    Raises:
        ValueError: it cannot.
    """
    if name not in SIMPLE:
        raise ValueError(f"statistic must be one of {', '.join(SIMPLE)} on the laptop, got {name!r}")
    return name


def datapoints(samples: Iterable[Sample], windows: Windows, statistic: str) -> Series:
    """One value for each window."""
    gathered: list[list[Sample]] = [[] for _ in range(windows.count)]
    for sample in samples:
        index = windows.index(sample.timestamp)
        if index is not None and sample.count > 0:
            gathered[index].append(sample)
    return tuple(_value(inside, statistic) for inside in gathered)


def _value(samples: Sequence[Sample], statistic: str) -> float | None:
    if not samples:
        return None
    match statistic:
        case "SampleCount":
            return sum(sample.count for sample in samples)
        case "Sum":
            return sum(sample.total for sample in samples)
        case "Average":
            return sum(sample.total for sample in samples) / sum(sample.count for sample in samples)
        case "Minimum":
            return min(sample.minimum for sample in samples)
        case _:
            return max(sample.maximum for sample in samples)
