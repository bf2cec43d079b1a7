"""`clickstream replay` of files: every line once, whatever was there before and whenever it is interrupted."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from cli import deployment
from cli.repair.objects import RepairObjects, hour_folder
from cli.replay import lake_command as replaying
from cli.replay.load import TableLoader
from config.sections.rows import RowsConfig
from laptop.testing.snowflake import Account
from laptop.testing.waiting import eventually
from tests.integration.snowflake.replaying import (
    AGAIN,
    AGES_AGO,
    CLICKS,
    NOW,
    TABLE,
    Environment,
    event,
    named,
)

HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The command is killed."""


ALL = ("--from", AGES_AGO.isoformat(), "--to", (AGES_AGO + 3 * HOUR).isoformat())


@pytest.fixture(name="environment")
def _environment(account: Account, monkeypatch: pytest.MonkeyPatch) -> Environment:
    there = Environment(account)
    own: dict[str, Any] = {"role": "SYSADMIN", "session_parameters": {"TIMEZONE": "Asia/Tokyo"}}
    monkeypatch.setattr(deployment.Account, "snowflake", lambda _, **options: account.connect(**own))
    monkeypatch.setattr(deployment.Account, "lake_bucket", lambda _: "lake")
    monkeypatch.setattr(deployment.Account, "client", lambda _, service: there.lake)
    return there


def test_a_range_of_the_lake_into_a_new_table(environment: Environment) -> None:
    environment.put("a", event("1"), event("2"))
    environment.put("b", event("3"), at=AGES_AGO + HOUR)
    environment.put("c", event("4"), at=AGES_AGO + 2 * HOUR)
    hours = ("--from", AGES_AGO.isoformat(), "--to", (AGES_AGO + 2 * HOUR).isoformat(), "--into", "again")
    planned = environment.replay(*hours, "--dry-run")
    assert [key.rsplit("/", 1)[-1] for key in planned["would_load"]] == ["a.json.gz", "b.json.gz"]
    assert planned["inserted"] == 0
    first = environment.replay(*hours)
    assert (first["files"], first["lines"], first["inserted"], first["not_loaded"]) == (2, 3, 3, [])
    assert environment.ids(AGAIN) == ["1", "2", "3"]
    environment.put("d", event("5"))
    second = environment.replay(*hours)
    assert (second["done_before"], second["files"], second["inserted"]) == (2, 1, 1)
    assert environment.ids(AGAIN) == ["1", "2", "3", "5"]
    (column,) = (row for row in environment.sql(f"DESC TABLE {AGAIN}") if row["name"] == "EVENT_ID")
    assert (column["type"], column["comment"]) == ("VARCHAR(16777216)", "the key")


def test_the_own_table_gets_what_is_missing_and_nothing_twice(environment: Environment) -> None:
    environment.put("a", event("1"), event("2"))
    environment.load()
    environment.sql(f"DELETE FROM {TABLE} WHERE EVENT_ID = '2'")
    environment.put("b", event("3"))
    first, second = environment.replay(*ALL), environment.replay(*ALL)
    assert (first["inserted"], first["already_there"]) == (2, 1)
    assert (second["inserted"], second["already_there"]) == (0, 3)
    assert environment.ids() == ["1", "2", "3"]


def test_what_the_pipe_may_still_load_is_left_to_it(environment: Environment) -> None:
    """A late notification would load it again."""
    seen = environment.put("a", event("1"), at=NOW - HOUR)
    environment.account.notify(seen.removeprefix("events/"))
    eventually(environment.ids)
    environment.sql(f"DELETE FROM {TABLE}")
    unseen = environment.put("b", event("2"), at=NOW - timedelta(days=6))
    found = environment.replay("--from", "7d", code=3)
    assert found["left_to_the_pipe"] == [unseen]
    assert environment.ids() == ["1"]


def test_hours_whose_rows_have_expired_are_left_out_of_the_own_table(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RowsConfig, "kept_for", timedelta(days=29))
    expired = environment.put("a", event("1"))
    environment.put("b", event("2"), at=AGES_AGO + timedelta(days=10))
    since = ("--from", AGES_AGO.isoformat())
    found = environment.replay(*since, code=3)
    assert (found["expired"], found["inserted"]) == ([expired], 1)
    assert environment.ids() == ["2"]
    assert environment.replay(*since, "--into", "AGAIN")["inserted"] == 2


@pytest.mark.parametrize("into", [(), ("--into", "AGAIN")])
def test_a_line_in_a_repair_object_is_loaded_once(environment: Environment, into: tuple[str, ...]) -> None:
    """This time the origin loads as a whole."""
    lines = [event("1"), event("2", size=1000), event("3")]
    origin = environment.put("a", *lines)
    environment.load()
    repair(environment, origin, {2: lines[1]})
    environment.sql(f'ALTER TABLE {TABLE} ALTER COLUMN "SIZE" SET DATA TYPE NUMBER(5,0)')
    found = environment.replay(*ALL, *into)
    assert (found["lines"], found["not_loaded"]) == (4, [])
    assert environment.ids(AGAIN if into else TABLE) == ["1", "2", "3"]


def test_a_line_that_is_repaired_after_its_replay_is_not_replayed_again(environment: Environment) -> None:
    lines = [event("1"), event("2")]
    origin = environment.put("a", *lines)
    environment.replay(*ALL, "--into", "AGAIN")
    repair(environment, origin, {1: lines[0], 2: lines[1]})
    assert environment.replay(*ALL, "--into", "AGAIN")["inserted"] == 0
    assert environment.ids(AGAIN) == ["1", "2"]


def repair(environment: Environment, origin: str, lines: dict[int, str]) -> None:
    texts = {number: line.encode() for number, line in lines.items()}
    (key,) = RepairObjects(environment.lake, "lake").write(
        hour_folder(CLICKS.data_prefix, AGES_AGO), origin, texts
    )
    environment.lake.put(key, environment.lake.bodies[key], AGES_AGO)


@pytest.mark.parametrize(
    ("into", "inserted"), [((), True), ((), False), (("--into", "AGAIN"), True)], ids=["own", "early", "new"]
)
def test_an_interrupted_replay_goes_on(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, into: tuple[str, ...], inserted: bool
) -> None:
    for number in range(3):
        environment.put("a", event(str(number)), at=AGES_AGO + number * HOUR)
    with monkeypatch.context() as patch:
        die_at_the_second_insert(patch, after=inserted)
        with pytest.raises(Killed):
            environment.replay(*ALL, *into)
    assert len(environment.ids(AGAIN if into else TABLE)) == (2 if inserted else 1)
    assert environment.replay(*ALL, *into)["stopped_at"] is None
    assert environment.ids(AGAIN if into else TABLE) == ["0", "1", "2"]


def die_at_the_second_insert(patch: pytest.MonkeyPatch, *, after: bool) -> None:
    insert, calls = TableLoader._insert, list[None]()

    def dying(*arguments: Any) -> int:
        calls.append(None)
        if after or len(calls) == 1:
            rows = insert(*arguments)
        if len(calls) == 2:
            raise Killed
        return rows

    patch.setattr(TableLoader, "_insert", dying)


def test_lines_that_cannot_be_loaded_are_named(environment: Environment) -> None:
    key = environment.put("a", event("1"), event("2", size="far"), event("3"), "{", event("5"))
    found = environment.replay(*ALL, "--into", "AGAIN", code=3)
    (missing,) = found["not_loaded"]
    assert (missing["file"], missing["lines"], missing["count"]) == (key, "2,4-5", 3)
    assert "far" in missing["reason"]
    assert (found["lines"], found["inserted"]) == (5, 2)


def test_text_is_read_as_the_pipe_reads_it(environment: Environment) -> None:
    """A time without an offset is in the account's zone, not the user's."""
    environment.put("a", event("1", at="2026-01-01T00:00:00"))
    environment.load()
    environment.replay(*ALL, "--into", "AGAIN")
    assert environment.rows("AT::TIMESTAMP_NTZ", AGAIN) == environment.rows("AT::TIMESTAMP_NTZ")


def test_rows_that_name_their_files_otherwise_are_not_doubled(environment: Environment) -> None:
    environment.put("a", event("1"))
    environment.load()
    environment.sql(f"UPDATE {TABLE} SET SOURCE_FILE = 's3://lake/' || SOURCE_FILE")
    refused = environment.replay(*ALL, code=1)
    assert "name their files s3://lake/events/…, and COPY now names them events/…" in refused["error"]
    assert environment.ids() == ["1"]


def test_another_table_is_not_replayed_into(environment: Environment) -> None:
    environment.sql(f"CREATE TABLE {AGAIN} (A VARCHAR)")
    refused = environment.replay(*ALL, "--into", "AGAIN", code=2)
    assert "was not made by a replay" in refused["error"]


def test_nothing_is_loaded_into_the_own_table_while_its_pipe_is_paused(environment: Environment) -> None:
    environment.put("a", event("1"))
    environment.sql(f"ALTER PIPE {named(CLICKS.pipe)} SET PIPE_EXECUTION_PAUSED = TRUE")
    refused = environment.replay(*ALL, code=1)
    assert "is PAUSED: what waits for it would be loaded twice" in refused["error"]
    assert environment.replay(*ALL, "--into", "AGAIN")["inserted"] == 1


def test_a_replay_that_is_stopped_says_where_it_goes_on(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Event()
    load = TableLoader.load

    def stopping(*arguments: Any) -> Any:
        stop.set()
        return load(*arguments)

    for number in range(2):
        environment.put("a", event(str(number)), at=AGES_AGO + number * HOUR)
    monkeypatch.setattr(TableLoader, "load", stopping)
    monkeypatch.setattr(replaying, "stop_on_signals", lambda: nullcontext(stop))
    found = environment.replay(*ALL, "--into", "AGAIN", code=130)
    assert (found["inserted"], found["stopped_at"]) == (1, f"{AGES_AGO + HOUR:%Y-%m-%dT%H:%MZ}")
