"""The folders that a replacement lists: enough for every file it may have to load, and no others."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from clickstream_wire.folders import DAY_FOLDER
from snowflake_setup.pipe.folders import REACH, folders
from snowflake_setup.session.errors import PropertyError
from snowflake_setup.sql.pipe import RefreshPipe
from snowflake_setup.sql.stage import ListStage
from tests.unit.snowflake_setup.events import PIPE, REFRESH, send
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import landed, loads, update, url

BY_DAY = {**PIPE, "DayFolder": DAY_FOLDER}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (NOON, "dt=2026-11-23/"),
        (NOON.replace(hour=0), "dt=2026-11-23/"),
        # Firehose's clock may be ahead of the function's.
        (NOON.replace(hour=23, minute=30), "dt=2026-11-24/"),
    ],
)
def test_the_newest_folder_is_listed_first(now: datetime, newest: str) -> None:
    found = folders(DAY_FOLDER, now)
    assert found[0] == newest
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("outage", [timedelta(0), timedelta(hours=24, minutes=15), timedelta(days=7)])
def test_a_file_that_firehose_wrote_after_an_outage_is_in_a_listed_folder(outage: timedelta) -> None:
    """The folder is that of the arrival of its first record."""
    for hours in range(24):
        now = NOON + timedelta(hours=hours)
        written = now - REACH
        assert (written - outage).strftime(DAY_FOLDER) in folders(DAY_FOLDER, now)


def test_a_stage_without_such_folders_is_listed_whole() -> None:
    assert folders("", NOON) == [""]


@pytest.mark.parametrize("folder", ["dt=%Y-%m-%d", "%Y/%H/", "/", "a b/", "dt=%Y'/"])
@pytest.mark.parametrize(("kind", "properties"), [("Pipe", PIPE), ("PipeRefresh", REFRESH)])
def test_another_notation_is_refused(
    bench: Bench, kind: str, properties: dict[str, object], folder: str
) -> None:
    with pytest.raises(PropertyError, match="DayFolder must be folders that end in a slash"):
        send(bench, "Create", kind, {**properties, "DayFolder": folder})


def test_missing_files_are_loaded_folder_by_folder(bench: Bench) -> None:
    landed(bench)
    at = {day: f"dt={bench.clock.now() - timedelta(days=day):%Y-%m-%d}" for day in range(17)}
    for day in (0, 1, 6, 14):
        bench.snowflake.land(url(f"{at[day]}/hh=11/loaded"))
    missing = [f"{at[0]}/hh=12/late", f"{at[1]}/hh=11/m", f"{at[6]}/hh=11/m", f"{at[14]}/hh=11/m"]
    bench.clock.time += timedelta(minutes=1)
    for of in missing:
        bench.snowflake.land(url(of), notify=False)
    update(bench, {**BY_DAY, "OnError": "SKIP_FILE"}, BY_DAY)
    assert all(statement.path for statement in bench.snowflake.sent if isinstance(statement, ListStage))
    sent = [statement for statement in bench.snowflake.sent if isinstance(statement, RefreshPipe)]
    assert [statement.prefix for statement in sent] == [f"{at[day]}/" for day in (0, 1, 6, 14)], (
        "newest first"
    )
    assert {url(of) for of in missing} <= set(loads(bench))
    assert Counter(loads(bench).values()).keys() == {1}


def test_a_change_of_the_layout_alone_replaces_and_refreshes_nothing(bench: Bench) -> None:
    landed(bench)
    update(bench, BY_DAY, PIPE)
    assert bench.snowflake.kinds == []
    bench.snowflake.land(url(bench.clock.now().strftime(f"{DAY_FOLDER}early")), notify=False)
    pipe_id = 'acme/PIPE_REFRESH/"CLICKSTREAM"."RAW"."CLICK_PIPE"'
    send(
        bench, "Update", "PipeRefresh", {**REFRESH, "DayFolder": DAY_FOLDER}, old=REFRESH, physical_id=pipe_id
    )
    assert bench.snowflake.kinds == []
