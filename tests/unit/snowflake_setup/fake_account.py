"""A lake of millions of files and a table of billions of rows, as answers that are made when they are read."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any

from snowflake_setup.session.session import Row
from snowflake_setup.sql import pipe, stage, table
from snowflake_setup.sql.base import Statement
from tests.unit.snowflake_setup.fake_session import FakeClock

URL = "s3://lake/events/"
_DAY = timedelta(days=1)


class FakeAccount:
    """A stage, a table and a running pipe; each file is loaded a minute after it has landed.

    Args:
        clock: the present.
        days: of the lake that may be listed, with a folder each.
        files: number of files of a day.
        rows: number of rows of a day.
        created: when the pipe was created, and its history began.
    """

    def __init__(self, clock: FakeClock, *, days: int, files: int, rows: int, created: datetime) -> None:
        self.clock = clock
        self.days, self.files, self.rows, self.created = days, files, rows, created
        self.copy: Any = None
        self.comment = ""
        self.paused_at: datetime | None = None
        self.sent: list[Statement] = []
        self.fetched: Counter[str] = Counter()
        self.scanned = 0.0
        # Landing, path inside the stage and landing as text of each file, in order.
        landings = (clock.now() - number * (_DAY / files) for number in range(days * files, -1, -1))
        self._lake = [
            (at, f"{at:dt=%Y-%m-%d/hh=%H/clicks-1-%M-%S-%f.gz}", f"{at:%a, %d %b %Y %H:%M:%S GMT}")
            for at in landings
        ]

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        self.sent.append(statement)
        return [row for row in self._counted(statement) if keep is None or keep(row)]

    def _counted(self, statement: Statement) -> Iterator[Row]:
        for row in self._answer(statement):
            self.fetched[statement.kind] += 1
            yield row

    def _answer(self, statement: Statement) -> Iterator[Row]:
        match statement:
            case stage.ShowStage():
                yield {"name": statement.name.name.value, "url": URL, "storage_integration": None}
            case stage.ListStage():
                yield from self._listed(statement.path.removeprefix("/"))
            case table.CopyHistory():
                yield from self._history(max(statement.since, self.created))
            case table.LoadedFiles():
                yield from self._rows(statement.since)
            case pipe.DescribePipe():
                yield {
                    "definition": self.copy.sql(),
                    "comment": self.comment,
                    "created_on": self.created,
                    "notification_channel": "arn:aws:sqs:eu-west-1:123456789012:sf-snowpipe-X",
                }
            case pipe.PipeStatus():
                state = {"executionState": "PAUSED" if self.paused_at else "RUNNING", "pendingFileCount": 0}
                yield {"status": json.dumps(state)}
            case pipe.PausePipe():
                self.paused_at = self.clock.now()
            case pipe.ReplacePipe():
                self.copy, self.comment, self.created = statement.copy, statement.comment, self.clock.now()
            case pipe.SetPipeComment():
                self.comment = statement.comment

    def _landed(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, str, str]]:
        """The files that landed in this time."""
        first = bisect_left(self._lake, since, key=itemgetter(0))
        return takewhile(lambda file: file[0] <= until, islice(self._lake, first, None))

    def _listed(self, folder: str) -> Iterator[Row]:
        assert folder, "this would list the whole lake, of any number of days"
        day = datetime.strptime(f"{folder} +0000", "dt=%Y-%m-%d/ %z")
        for _, path, text in self._landed(day, day + _DAY - timedelta(microseconds=1)):
            yield {"name": URL + path, "last_modified": text}

    def _loaded(self, since: datetime) -> Iterator[tuple[datetime, str, str]]:
        late = timedelta(minutes=1)
        return self._landed(since - late, (self.paused_at or self.clock.now()) - late)

    def _history(self, since: datetime) -> Iterator[Row]:
        for at, path, _ in self._loaded(since):
            yield {
                "file_name": path,
                "stage_location": URL,
                "status": "Loaded",
                "row_count": 1,
                "pipe_received_time": at,
            }

    def _rows(self, since: datetime) -> Iterator[Row]:
        self.scanned += self.rows * ((self.clock.now() - since) / _DAY)
        for at, path, _ in self._loaded(since):
            yield {"file_name": f"events/{path}", "last_scan": at + timedelta(minutes=1)}
