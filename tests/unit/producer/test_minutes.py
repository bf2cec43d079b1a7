"""The log of an endless producer: a line at the first success, then one per minute, with no event counted twice."""

from __future__ import annotations

import io
import json
from typing import Any

from producer.minutes import MinuteLines
from producer.report import Tally


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Desk:
    """A running report, and the lines written of it."""

    def __init__(self) -> None:
        self.clock, self.out, self.tally = Clock(), io.StringIO(), Tally()
        self.lines = MinuteLines(self.out, {"deployment": "d"}, now=self.clock)

    def at(self, seconds: float, **counts: int) -> None:
        self.clock.seconds = 1_000 + seconds
        vars(self.tally).update(counts)
        self.lines.write_if_due(self.tally.report(seconds=seconds))

    def written(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


def test_the_first_log_line_waits_for_the_first_accepted_event() -> None:
    desk = Desk()
    desk.at(0)
    desk.at(90, failed=3)
    assert desk.written() == []
    desk.at(91, sent=2, records=1, bytes=300)
    assert desk.written() == [
        {"deployment": "d", "sent": 2, "retried": 0, "rejected": 0, "failed": 3, "records": 1, "bytes": 300}
    ]


def test_every_minute_logs_the_counts_since_the_previous_line() -> None:
    desk = Desk()
    for second in range(301):
        desk.at(second, sent=second + 1)
    assert [line["sent"] for line in desk.written()] == [1, 60, 60, 60, 60, 60]


def test_a_minute_without_events_is_logged() -> None:
    """Zero is a value; no line at all would mean a dead producer."""
    desk = Desk()
    desk.at(0, sent=1)
    desk.at(60)
    assert [line["sent"] for line in desk.written()] == [1, 0]


def test_minutes_missed_in_a_long_call_are_not_logged_later() -> None:
    desk = Desk()
    desk.at(0, sent=1)
    desk.at(300, sent=10)
    desk.at(301, sent=11)
    assert [line["sent"] for line in desk.written()] == [1, 9]


def test_the_last_line_logs_the_rest_and_the_reason() -> None:
    desk = Desk()
    desk.at(0, sent=1)
    desk.tally.sent, desk.tally.stopped = 7, "the stream accepts nothing"
    desk.lines.finish(desk.tally.report(seconds=30))
    assert [(line["sent"], line.get("stopped")) for line in desk.written()] == [
        (1, None),
        (6, "the stream accepts nothing"),
    ]
