"""The pipe: created, adopted, left unchanged, commented, dropped."""

from __future__ import annotations

from typing import Any

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
)
from snowflake_setup.sql.base import Describe
from snowflake_setup.sql.pipe import PausePipe
from tests.unit.snowflake_setup.events import FULL, PIPE, send
from tests.unit.snowflake_setup.fake_snowflake import FakeSnowflake
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    CLICKS,
    EVENTS,
    LAKE,
    PIPE_ID,
    SKIP_FILE,
    landed,
    loads,
    once,
    update,
)


def test_create_returns_the_notification_channel(bench: Bench) -> None:
    physical_id, data = send(bench, "Create", "Pipe", PIPE)
    assert physical_id == PIPE_ID
    assert data == {
        "FullName": f'{FULL}."CLICK_PIPE"',
        "NotificationChannel": "arn:aws:sqs:eu-west-1:123456789012:sf-snowpipe-X",
    }
    assert bench.snowflake.kinds == ["CREATE PIPE"]
    assert bench.snowflake.pipes[CLICKS].comment.startswith("loads clicks [def:")


def test_an_equal_pipe_is_adopted_with_its_history(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == []
    assert bench.snowflake.pipes[CLICKS].loaded


def test_an_equal_pipe_without_the_mark_is_adopted_and_marked(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].comment = "made by hand"
    send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET COMMENT"]


def test_a_different_pipe_of_that_name_is_refused(bench: Bench) -> None:
    landed(bench)
    with pytest.raises(DefinitionConflictError, match=r"exists already and differs.*ON_ERROR = CONTINUE"):
        send(bench, "Create", "Pipe", SKIP_FILE)
    assert bench.snowflake.kinds == []


def test_a_pipe_without_a_notification_channel_is_refused_and_removed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = FakeSnowflake._describe

    def without_channel(self: FakeSnowflake, statement: Describe) -> list[Any]:
        return [{**row, "notification_channel": None} for row in describe(self, statement)]

    monkeypatch.setattr(FakeSnowflake, "_describe", without_channel)
    with pytest.raises(DefinitionConflictError, match="no notification channel"):
        send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == ["CREATE PIPE", "DROP PIPE"]


def test_an_unchanged_pipe_is_not_touched(bench: Bench) -> None:
    landed(bench)
    update(bench, PIPE, PIPE)
    assert bench.snowflake.kinds == []


def test_a_comment_is_altered(bench: Bench) -> None:
    landed(bench)
    update(bench, {**PIPE, "Comment": "other"}, PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET COMMENT"]
    assert bench.snowflake.pipes[CLICKS].comment.startswith("other [def:")


def test_a_pipe_changed_by_hand_is_restored(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].comment = "[def:0123456789abcdef]"
    update(bench, {**PIPE, "Comment": "other"}, PIPE)
    assert "CREATE OR REPLACE PIPE" in bench.snowflake.kinds
    assert loads(bench) == once("a", "b", "c")


def test_deleting_a_pipe_drops_only_it(bench: Bench) -> None:
    landed(bench)
    send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    assert [statement.kind for statement in bench.snowflake.sent] == ["DROP PIPE"]
    assert EVENTS in bench.snowflake.tables
    assert LAKE in bench.snowflake.stages
    assert not any(isinstance(statement, PausePipe) for statement in bench.snowflake.sent)
