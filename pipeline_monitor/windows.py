"""Time windows in which loads are counted; they do not depend on when a run happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Each run publishes the last hour, so failed runs leave no gap; windows shorter than a minute, which only the laptop
# cloud has, are limited to sixty.
REACH = timedelta(hours=1)
_MOST = 60
# Snowflake shows a load with a short delay, until which a percentile, unlike a count, may still fall.
_SETTLING = timedelta(seconds=30)


@dataclass(frozen=True, order=True)
class Window:
    """A time interval without its end."""

    start: datetime
    length: timedelta

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.start + self.length

    def settled(self, now: datetime) -> bool:
        """True if no more loads will appear in it."""
        return now >= self.end + min(_SETTLING, self.length)


def window_of(moment: datetime, length: timedelta) -> Window:
    """The window that holds `moment`; windows are counted from the epoch."""
    seconds = int(length.total_seconds())
    at = int(moment.timestamp()) // seconds * seconds
    return Window(datetime.fromtimestamp(at, UTC), length)


def recent_windows(now: datetime, length: timedelta) -> list[Window]:
    """The windows of the last hour (or the last sixty), including the current one."""
    last = window_of(now, length)
    count = min(REACH // length, _MOST)
    return [Window(last.start - number * length, length) for number in range(count, -1, -1)]
