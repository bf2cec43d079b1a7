"""The statistics of CloudWatch: many samples of a period become one datapoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from laptop.aws.metrics.windows import Windows

SIMPLE = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")

Series = tuple[float | None, ...]
"""One value a window, oldest first; None where there is no data."""


@dataclass(frozen=True)
class Sample:
    """What was published at one moment: a value seen `count` times, or a set of which only these are known."""

    timestamp: float
    count: float
    total: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, timestamp: float, value: float, *, count: float = 1) -> Sample:
        """A value, seen `count` times."""
        return cls(timestamp, count, value * count, value, value)


def check_statistic(name: str) -> str:
    """The name, if it is one that can be computed here.

    Raises:
        ValueError: it is not.
    """
    if name not in SIMPLE and not _PERCENTILE.fullmatch(name):
        raise ValueError(
            f"statistic must be one of {', '.join(SIMPLE)} or a percentile such as p99, got {name!r}"
        )
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
        case "Maximum":
            return max(sample.maximum for sample in samples)
        case _:
            return _percentile(samples, float(statistic[1:]))


def _percentile(samples: Sequence[Sample], percent: float) -> float | None:
    """The percentile, between neighbours in proportion; None where a set hides its single values.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    """
    if any(sample.minimum != sample.maximum or sample.minimum < 0 for sample in samples):
        return None
    ordered = sorted((sample.minimum, sample.count) for sample in samples)
    rank = percent / 100 * (sum(count for _, count in ordered) - 1)
    below = int(rank)
    low, high = _at(ordered, below), _at(ordered, below + 1)
    return low + (high - low) * (rank - below)


def _at(ordered: Sequence[tuple[float, float]], index: int) -> float:
    seen = 0.0
    for value, count in ordered:
        seen += count
        if index < seen:
            return value
    return ordered[-1][0]
