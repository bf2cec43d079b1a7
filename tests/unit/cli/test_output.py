"""Printed output: not cut in a narrow terminal, not padded in a file."""

from __future__ import annotations

import pytest

from cli.commands import status
from cli.output import coloured, print_columns, results

ADDRESS = "http://127.0.0.1:45659"
REPORT = {
    "stacks": {"clickstream-local-Storage": "CREATE_COMPLETE"},
    "snowflake": {"clicks": {"unknown": "[bold] is no such table"}},
    "laptop": {"servers": [{"name": "AWS emulator", "endpoint": ADDRESS, "healthy": True}]},
}


@pytest.mark.parametrize("width", [40, 200])
def test_status_does_not_cut_addresses(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results(), "width", width)
    status._print(REPORT)
    printed = capsys.readouterr().out
    assert ADDRESS in printed
    assert "[bold] is no such table" in printed


def test_status_names_the_columns_that_loads_have_added(capsys: pytest.CaptureFixture[str]) -> None:
    clicks = {"pipe": "RUNNING", "pending_files": 0, "rows": 2, "events": 2}
    report = {"stacks": {}, "snowflake": {"clicks": {**clicks, "evolved_columns": ["PRICE", "A\x1b[2J"]}}}
    status._print(report)
    assert "columns that loads have added, not listed: PRICE, A\\x1b[2J" in capsys.readouterr().out


def test_columns_are_aligned_and_end_with_their_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_columns([("a", "日本", ""), ("long", "x", coloured("RUNNING", well=True))])
    assert capsys.readouterr().out.splitlines() == ["a     日本", "long  x     RUNNING"]
