"""The beginning of a period is a duration or a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cli.rejects.since import parse_since

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("24h", NOW - timedelta(days=1)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T08:30", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("2026-11-20T08:30Z", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("2026-11-20T08:30+02:00", datetime(2026, 11, 20, 6, 30, tzinfo=UTC)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert parse_since(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "24", "h", "-1h", "1.5h", "24 h", "2026-13-01", "1w"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match="is no time; allowed: 90m, 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z"
    ):
        parse_since(text, NOW)


@pytest.mark.parametrize("text", ["999999d", "9999999h", "0000-01-01"])
def test_too_long_ago(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_since(text, NOW)
