"""Grants are restored on a new pipe after its files, as far as they can be, and stop nothing."""

from __future__ import annotations

import json

import pytest

from snowflake_setup.objects.look import seen_by
from snowflake_setup.pipe.pipe import Pipe
from snowflake_setup.pipe.replacement import PipeReplacement
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.pipe import GrantOnPipe, ReplacePipe
from tests.unit.snowflake_setup.events import PIPE
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import CLICKS, SKIP_FILE, landed, loads, once, update, while_paused


def warnings(bench: Bench) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in bench.output.getvalue().splitlines()]
    return [line for line in lines if line["level"] == "WARNING" and "grants" in line]


def test_a_refused_grant_is_reported_and_the_deployment_goes_on(bench: Bench) -> None:
    """In a schema with managed access, the owner of the pipe may not grant."""
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS"), grant("OPERATE", "NIGHT_SHIFT")]
    while_paused(bench, "d", notify=False)
    bench.snowflake.refuse[GrantOnPipe] = SnowflakeError("Insufficient privileges", code=3001)
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")
    assert "replacing" not in bench.snowflake.pipes[CLICKS].comment
    (warning,) = warnings(bench)
    assert warning["grants"] == [
        "MONITOR TO ROLE OPS (Insufficient privileges)",
        "OPERATE TO ROLE NIGHT_SHIFT (Insufficient privileges)",
    ]


def test_a_grant_that_is_refused_once_is_tried_again(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS"), grant("OPERATE", "OPS")]
    refusals = iter([SnowflakeError("internal error", code=603)])

    def refuse(statement: Statement) -> None:
        if isinstance(statement, GrantOnPipe) and (refusal := next(refusals, None)):
            raise refusal

    bench.snowflake.before = refuse
    update(bench, SKIP_FILE, PIPE)
    assert {row["privilege"] for row in bench.snowflake.pipes[CLICKS].grants} == {"MONITOR", "OPERATE"}
    assert warnings(bench) == []


def test_only_grants_that_the_new_pipe_lacks_are_given(bench: Bench) -> None:
    """Grants on FUTURE PIPES are there already."""
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "WATCHER"), grant("OPERATE", "OPS")]

    def future(statement: Statement) -> None:
        if bench.snowflake.sent and isinstance(bench.snowflake.sent[-1], ReplacePipe):
            bench.snowflake.pipes[CLICKS].grants = [grant("MONITOR", "WATCHER")]

    bench.snowflake.before = future
    update(bench, SKIP_FILE, PIPE)
    given = [statement for statement in bench.snowflake.sent if isinstance(statement, GrantOnPipe)]
    assert [(one.privilege, one.role.value) for one in given] == [("OPERATE", "OPS")]


@pytest.mark.parametrize("kind", ["SHARE", "DATABASE_ROLE", "APPLICATION_ROLE"])
def test_a_grant_to_something_else_than_a_role_is_reported(bench: Bench, kind: str) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [
        grant("MONITOR", "PARTNER", kind),
        grant("MONITOR", "OPS"),
    ]
    new = Pipe().read(Properties(SKIP_FILE, "Pipe"))
    planned = PipeReplacement(CLICKS, new).preview(seen_by(bench.snowflake), bench.invocation)
    told = f"MONITOR TO {kind} PARTNER"
    assert [step for step in planned if told in getattr(step, "message", "")]
    update(bench, SKIP_FILE, PIPE)
    assert [row["grantee_name"] for row in bench.snowflake.pipes[CLICKS].grants] == ["OPS"]
    assert [warning["grants"] for warning in warnings(bench)] == [[told]]
