"""Windows of time in which loads are counted: the same ones in every run, whenever it happens to run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Each run tells of an hour again, so runs that failed in between leave no gap; of windows shorter than a minute, which
# only a laptop has, sixty are told.
REACH = timedelta(hours=1)
_MOST = 60
# A load is told a moment after it was done; percentiles, unlike counts, may also fall when it is.
_SETTLING = timedelta(seconds=30)


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of time, its end not included."""

    start: datetime
    length: timedelta

    @property
    def end(self) -> datetime:
        """The first moment that is not in it."""
        return self.start + self.length

    def settled(self, now: datetime) -> bool:
        """Whether nothing more will come into it."""
        return now >= self.end + min(_SETTLING, self.length)


def window_of(moment: datetime, length: timedelta) -> Window:
    """The window that holds `moment`; windows are counted from the epoch."""
    seconds = int(length.total_seconds())
    at = int(moment.timestamp()) // seconds * seconds
    return Window(datetime.fromtimestamp(at, UTC), length)


def recent_windows(now: datetime, length: timedelta) -> list[Window]:
    """The windows of the last hour (or the last sixty), the one that is still open included."""
    last = window_of(now, length)
    count = min(REACH // length, _MOST)
    return [Window(last.start - number * length, length) for number in range(count, -1, -1)]
