"""The time windows of an alarm's datapoints."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

# Alarms with periods of a minute or more are evaluated every minute, others every ten seconds.
_MINUTE = 60
_HIGH_RESOLUTION_STEP = 10


@dataclass(frozen=True)
class Windows:
    """Consecutive periods, the last of which ends at `end` (epoch seconds)."""

    end: float
    period: int
    count: int

    @classmethod
    def complete(cls, *, now: float, period: int, count: int) -> Windows:
        """The newest complete windows.

        A five-minute window ends at every minute, not only at every fifth: at the end of minute 6 an alarm evaluates
        minutes 2 to 6.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
        """
        step = _MINUTE if period >= _MINUTE else _HIGH_RESOLUTION_STEP
        return cls(end=math.floor(now / step) * step, period=period, count=count)

    @classmethod
    def between(cls, start: float, end: float, *, period: int) -> Windows:
        """The windows of a graph, aligned to the period, from `start` to `end`."""
        first, last = math.floor(start / period), math.ceil(end / period)
        return cls(end=last * period, period=period, count=max(last - first, 0))

    @property
    def start(self) -> float:
        """The beginning of the first window."""
        return self.end - self.count * self.period

    def starts(self) -> Iterator[float]:
        """The beginnings of the windows, oldest first: the timestamps of the datapoints."""
        return (self.start + number * self.period for number in range(self.count))

    def index(self, timestamp: float) -> int | None:
        """The window that contains a moment; None if there is none."""
        number = math.floor((timestamp - self.start) / self.period)
        return number if 0 <= number < self.count else None
