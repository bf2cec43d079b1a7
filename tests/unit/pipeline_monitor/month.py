"""A month of the monitor's runs in simulated time: what wakes the warehouse, and what that is billed."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clickstream_wire.metrics import PipeMetric
from laptop.testing.stand_in import WarehouseMeter
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.lake import DAY, Landed
from pipeline_monitor.metrics import Measure
from pipeline_monitor.reports import Past
from pipeline_monitor.statements import FreeStates, LoadHistory, RowFiles, TableSize
from snowflake_setup.session.logs import Log
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from tests.unit.pipeline_monitor.fakes import FREE, FakeWarehouse, Load, round_of
from tests.unit.pipeline_monitor.measuring import FIVE, HOUR, MINUTE, NOON

# Of production's config: AUTO_SUSPEND of the bootstrap SQL, and a query of the monitor.
_AUTO_SUSPEND, _QUERY_SECONDS = 30, 3.0
_TRAVEL = timedelta(seconds=20)
# Production's files are of a minute; fewer take less of the test's time, and change no decision.
_STEP = FIVE


@dataclass
class Incident:
    """Something that goes wrong for a time.

    Attributes:
        name: for display.
        metric, threshold: the metric that shows it, and the value that it exceeds.
        noticed: the time within which the metric does so.
        lasts: from the first moment until it is repaired.
    """

    name: str
    metric: PipeMetric
    noticed: timedelta
    threshold: float = 0
    lasts: timedelta = HOUR


INCIDENTS = (
    Incident("a file is not announced", PipeMetric.FILES_MISSING, 25 * MINUTE, lasts=2 * HOUR),
    Incident("no file is announced", PipeMetric.FILES_MISSING, 25 * MINUTE, lasts=2 * HOUR),
    Incident("Snowpipe refuses lines", PipeMetric.ROWS_REJECTED, 10 * MINUTE),
    Incident("the pipe is paused", PipeMetric.END_TO_END_FRESHNESS, 22 * MINUTE, 900),
    Incident("Firehose writes no file", PipeMetric.END_TO_END_FRESHNESS, 22 * MINUTE, 900),
    Incident("the load history is refused", PipeMetric.COMPLETE_COMPARISONS, 5 * MINUTE),
    Incident("the pipe is replaced", PipeMetric.COMPLETE_COMPARISONS, 25 * MINUTE),
)


@dataclass
class Month(FakeWarehouse):
    """An account with a file in five minutes, its lake, its REST API, and CloudWatch's memory of the metrics."""

    meter: WarehouseMeter = field(init=False)
    landed_files: dict[str, datetime] = field(default_factory=dict)
    waiting: list[Load] = field(default_factory=list)
    known_since: datetime = NOON - 2 * DAY
    past: Past = field(default_factory=Past)
    history_refused: bool = False
    statements: int = 0

    def __post_init__(self) -> None:
        self.meter = WarehouseMeter(lambda: self.now.timestamp())

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        self.statements += 1
        if not isinstance(statement, FREE):
            self.meter.used("W", "MONITOR", seconds=_QUERY_SECONDS, auto_suspend=_AUTO_SUSPEND)
        if isinstance(statement, TableSize):
            return [{"name": statement.name.name.value, "rows": 10**9}]
        if isinstance(statement, FreeStates):
            newest = self.loads[-1].committed
            status = json.dumps({"lastIngestedTimestamp": newest.isoformat(), **self.status})
            return [{"pipe_0": status, "table_0": int(newest.timestamp() * 1e9)}]
        if isinstance(statement, RowFiles):
            return [{"events": "clicks", "source_file": load.file} for load in self.loads]
        rows = super().execute(statement)
        if isinstance(statement, LoadHistory):
            return [row for row in rows if row["last_load_time"] >= self.known_since]
        return rows

    def since(self, pipe: Any, moment: datetime) -> list[Row]:
        if self.history_refused:
            raise MonitorError("429")
        recent = self.loads[-30:]
        return [load.row() for load in recent if load.committed >= max(moment, self.known_since)]

    def landed(self, prefix: str, now: datetime, reach: timedelta = DAY) -> Landed:
        since = now - reach
        newest = list(itertools.islice(reversed(self.landed_files.items()), int(reach / _STEP) + 1))
        return Landed(since, {path: at for path, at in newest if at >= since})

    def step(self, broken: Incident | None) -> None:
        """Let five minutes pass: a file is written, announced and loaded, unless that is what is broken."""
        self.now += _STEP
        name = broken.name if broken else ""
        if name != "Firehose writes no file":
            day, oldest = f"dt={self.now:%Y-%m-%d}/hh={self.now:%H}", self.now - _STEP
            path = f"{day}/clicks-1-{oldest:%Y-%m-%d-%H-%M-%S}-5f.gz"
            self.landed_files[path] = self.now
            errors = int(name == "Snowpipe refuses lines")
            self.waiting.append(
                Load(self.now + _TRAVEL, "Partially loaded" if errors else "Loaded", errors=errors, file=path)
            )
        held = {"a file is not announced": self.waiting[:1], "no file is announced": self.waiting}.get(
            name, []
        )
        paused = name == "the pipe is paused"
        if not paused:
            ready = [each for each in self.waiting if each.committed <= self.now and each not in held]
            self.loads += [
                Load(self.now - _TRAVEL, each.status, errors=each.errors, file=each.file) for each in ready
            ]
            self.waiting = [load for load in self.waiting if load not in ready]
        self.status = {"executionState": "PAUSED" if paused else "RUNNING", "pendingFileCount": 0}
        if paused and self.waiting:
            self.status |= {
                "pendingFileCount": len(self.waiting),
                "oldestFileTimestamp": self.waiting[0].committed.isoformat(),
            }
        self.history_refused = name == "the load history is refused"

    def run(self) -> list[Measure]:
        """One run of the monitor; CloudWatch remembers its metrics."""
        self.asked.clear()
        log = Log(stream=io.StringIO())
        found = round_of("history", self, past={"clicks": self.past}, histories=self, lake=self, log=log)
        assert found.failures == {}
        measures = found.measures["clicks"]
        last = {each.metric: each.value for each in measures}
        self.past = Past(
            reported=self.now,
            compared=self.now if PipeMetric.COMPLETE_COMPARISONS in last else self.past.compared,
            missing=last.get(PipeMetric.FILES_MISSING, self.past.missing),
            canary=self.now,
        )
        return measures

    def forget(self) -> None:
        """Drop what is older than a day, so that a month takes no longer than its days."""
        yesterday = self.now - DAY - HOUR
        self.loads = [load for load in self.loads if load.committed >= yesterday]
        self.landed_files = {path: at for path, at in self.landed_files.items() if at >= yesterday}

    @property
    def credits(self) -> float:
        """Credits of an X-Small so far."""
        return sum(self.meter.seconds().get("W", {}).values()) / 3600


def simulate(
    days: int, incident: Callable[[int], Incident | None]
) -> Iterator[tuple[Incident | None, float, timedelta]]:
    """Each day with its incident at noon: the credits of that day, and when the incident was noticed."""
    month = Month(NOON - DAY)
    for day in range(days):
        broken, before = incident(day), month.credits
        began, noticed = month.now + 12 * HOUR, timedelta.max
        for _ in range(DAY // _STEP):
            at = month.now
            active = broken if broken and began <= at < began + broken.lasts else None
            if active and active.name == "the pipe is replaced" and at == began:
                month.known_since = at
            month.step(active)
            shown = [each.value for each in month.run() if broken and each.metric == broken.metric]
            if active and max(shown, default=0) > active.threshold:
                noticed = min(noticed, month.now - began)
        month.forget()
        yield broken, month.credits - before, noticed
