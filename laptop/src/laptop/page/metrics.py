"""The current values of a chart's lines."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel

from laptop.page.definition import Chart

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

# Fewer datapoints than this do not make a line.
_FEWEST_PERIODS = 3
_WORTH_WAITING_SECONDS = 60


class Series(BaseModel):
    """A line's values over time (seconds since 1970); None where a period had none.

    The partial value of an unfinished period comes last, after a gap: joined to the others by a line, it would look
    like a drop. For short periods it is omitted. `latest` is the value of the last complete period, or of the first
    one so far.
    """

    times: list[float] = []
    values: list[float | None] = []
    latest: float | None = None

    def add(self, at: float, value: float | None, *, period: int, now: float) -> None:
        """Add the value of the period that starts at `at`, which is later than all before."""
        running = at + period > now
        if running and period < _WORTH_WAITING_SECONDS:
            return
        if self.times and (running or at - self.times[-1] > period):
            self.times.append((self.times[-1] + at) / 2)
            self.values.append(None)
        self.times.append(at)
        self.values.append(value)
        if value is not None and not (running and self.latest is not None):
            self.latest = value


class ChartData(BaseModel):
    """The values of a chart from `start` to `end`, by the lines' ids; or the error."""

    start: float
    end: float
    lines: dict[str, Series] = {}
    message: str = ""


def read_chart(cloudwatch: CloudWatchClient, chart: Chart, *, seconds: int, now: float) -> ChartData:
    """Query the values of the last `seconds`, or of a longer time if the chart's periods need it."""
    longest = max(line.period for line in chart.lines)
    start = (now - max(seconds, _FEWEST_PERIODS * longest)) // longest * longest
    try:
        return ChartData(start=start, end=now, lines=_read(cloudwatch, chart, start=start, end=now))
    except ClientError as error:
        # A refused chart shows its error; the others are drawn.
        return ChartData(start=start, end=now, message=str(error))


def _read(cloudwatch: CloudWatchClient, chart: Chart, *, start: float, end: float) -> dict[str, Series]:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[line.query() for line in chart.lines],
        StartTime=dt.datetime.fromtimestamp(start, dt.UTC),
        EndTime=dt.datetime.fromtimestamp(end, dt.UTC),
        ScanBy="TimestampAscending",
    )
    periods = {line.id: line.period for line in chart.lines}
    lines: dict[str, Series] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            series = lines.setdefault(result["Id"], Series())
            for time, value in zip(result["Timestamps"], result["Values"], strict=True):
                known = value if math.isfinite(value) else None
                series.add(time.timestamp(), known, period=periods[result["Id"]], now=end)
    return lines
