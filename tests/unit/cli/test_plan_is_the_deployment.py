"""A plan prints the statements that the deployment runs, for any change and any history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli.plan.planner import Plan, PlannedRequest, make_plan
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import Identifier
from snowflake_setup.sql.pipe import CreatePipe, GrantOnPipe, RefreshPipe, ReplacePipe, SetPipeComment
from snowflake_setup.sql.storage_integration import CreateStorageIntegration
from snowflake_setup.sql.table import AddColumn, Column, SetColumnType
from tests.unit.cli.assemblies import Template, both_sides
from tests.unit.cli.deployments import STACK_ID, Carried, account, deploy, request
from tests.unit.cli.histories import (
    grow,
    meddle,
    templates,
    tidy_up,
)
from tests.unit.snowflake_setup.fakes import Bench

# Each history has four deployments; the first one creates everything.
HISTORIES = settings(
    max_examples=70,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(planned: PlannedRequest, carried: Carried) -> None:
    """The plan equals the executed statements, except where it says that only the deployment can know."""
    assert (planned.action, planned.resource.logical_id) == (carried.action, carried.logical_id)
    told = " ".join(planned.unknown)
    if carried.refused:
        assert planned.refused or "the deployment may fail" in told, carried.refused
        return
    assert planned.refused is None
    expected, found = planned.statements, list(carried.statements)
    if "Files in the lake" in told:
        expected, found = without(RefreshPipe, expected), without(RefreshPipe, found)
    if "All grants" in told:
        expected, found = without(GrantOnPipe, expected), without(GrantOnPipe, found)
    # These marks have times: since when files are missing, and until when a table was the pipe's.
    for mark in ("replacing", "former"):
        expected, found = ([unmarked(mark, statement) for statement in each] for each in (expected, found))
    if planned.resource.stack_id != STACK_ID:
        expected, found = ([unmarked("owner", statement) for statement in each] for each in (expected, found))
    if "a load has added a column" in told:
        # A column is added, or there already and brought to its state.
        added = {s.column.name for s in expected if isinstance(s, AddColumn)}
        for statement in found:
            if isinstance(statement, AddColumn | SetColumnType) and statement.column.name in added:
                assert AddColumn(statement.name, statement.column) in expected
        expected = without(AddColumn, expected)
        found = [statement for statement in found if altered(statement) not in added]
    assert expected == found
    assert [statement.sql() for statement in expected] == [statement.sql() for statement in found]


def without(kind: type[Statement], statements: Sequence[Statement]) -> list[Statement]:
    return [statement for statement in statements if not isinstance(statement, kind)]


def unmarked(label: str, statement: Statement) -> Statement:
    if not isinstance(statement, CreatePipe | ReplacePipe | SetPipeComment | CreateStorageIntegration):
        return statement
    return replace(statement, comment=without_mark(label, statement.comment))


def without_mark(label: str, comment: str) -> str:
    return re.sub(rf"\[{label}:(\[.*\]|\w+)\] ?", "", comment)


def altered(statement: Statement) -> Identifier | None:
    column = getattr(statement, "column", None)
    return column.name if isinstance(column, Column) else column


def compare(plan: Plan, carried: list[Carried]) -> None:
    for planned, done in zip(plan.requests, carried, strict=False):
        agree(planned, done)
    if not any(one.refused for one in carried):
        assert len(plan.requests) == len(carried)


@HISTORIES
@given(st.lists(templates(), min_size=4, max_size=4), st.data())
def test_an_offline_plan_has_all_statements_it_can_know(history: list[Template], data: st.DataObject) -> None:
    there = account()
    for old, new in zip([None, *history], history, strict=False):
        grow(there, data)
        found = both_sides(old, new)
        tidy_up(there, found)
        plan = make_plan(found, "acme", None)
        carried = deploy(found, there)
        compare(plan, carried)
        if any(one.refused for one in carried):
            return


@HISTORIES
@given(st.lists(templates(), min_size=4, max_size=4), st.data())
def test_a_live_plan_has_all_statements_and_leaves_no_drift(
    history: list[Template], data: st.DataObject
) -> None:
    there = account()
    for old, new in zip([None, *history], history, strict=False):
        grow(there, data)
        found = both_sides(old, new)
        plan = make_plan(found, "acme", there.snowflake)
        assert plan.drift == []
        carried = deploy(found, there)
        compare(plan, carried)
        if plan.refused:
            return
        after = make_plan(both_sides(new, new), "acme", there.snowflake)
        assert (after.requests, after.drift) == ([], [])


def described(there: Bench, fresh: Bench) -> dict[str, Any]:
    """Properties that templates describe; of the columns, those of a new deployment."""
    snowflake, columns = there.snowflake, fresh.snowflake.tables
    return {
        "formats": snowflake.formats,
        "stages": snowflake.stages,
        "integrations": snowflake.integrations,
        "policies": (snowflake.conditions, snowflake.attached),
        "views": {name: view.comment for name, view in snowflake.views.items()},
        "pipes": {
            name: (pipe.copy, without_mark("former", pipe.comment), pipe.paused)
            for name, pipe in snowflake.pipes.items()
        },
        "columns": {
            (table, column): snowflake.comments.get((table, column)) or ""
            for table in columns
            for column in columns[table]
        },
    }


@HISTORIES
@given(st.lists(templates(), min_size=3, max_size=3), st.data())
def test_a_manual_change_is_drift_until_it_is_reverted(history: list[Template], data: st.DataObject) -> None:
    there = account()
    for old, new in zip([None, *history], history, strict=False):
        grow(there, data)
        if old:
            meddle(there, data)
        found = both_sides(old, new)
        plan = make_plan(found, "acme", there.snowflake)
        carried = deploy(found, there)
        compare(plan, carried)
        if plan.refused:
            return
        same = both_sides(new, new)
        for drifted in make_plan(same, "acme", there.snowflake).drift or []:
            repair = Carried("update", drifted.resource.logical_id)
            request(repair, drifted.resource, there, drifted.resource)
            agree(drifted, repair)
        if still := make_plan(same, "acme", there.snowflake).drift:
            assert all(drifted.refused for drifted in still)
            return
        fresh = account()
        deploy(both_sides(None, new), fresh)
        assert described(there, fresh) == described(fresh, fresh)
