"""The statements that a plan prints are those that the deployment runs, whatever changes and whatever came before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli.plan.planner import Plan, PlannedRequest, make_plan
from cli.plan.templates import Resources
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.pipe import CreatePipe, GrantOnPipe, RefreshPipe, ReplacePipe
from snowflake_setup.sql.storage_integration import CreateStorageIntegration
from snowflake_setup.sql.table import AddColumn, DropTable, SetColumnComment
from snowflake_setup.sql.view import CreateView, ReplaceView
from tests.unit.cli.assemblies import BUCKET, Template, both_sides, name
from tests.unit.cli.deployments import STACK_ID, Carried, account, deploy, request
from tests.unit.snowflake_setup.fakes import Bench, grant

# Each history is four deployments, one after the other, of which the first makes everything.
HISTORIES = settings(
    max_examples=70,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
COLUMNS = {
    "SCROLL_DEPTH": ("NUMBER(38,0)", "NUMBER(38,0)", "VARCHAR"),
    "CAMPAIGN": ("VARCHAR", "VARCHAR", "NUMBER"),
    "PRICE": ("FLOAT",),
    "REFERRER": ("VARCHAR",),
}
NEEDED = [{"Name": "EVENT_ID", "Type": "VARCHAR"}, {"Name": "SOURCE_FILE", "Type": "VARCHAR"}]
# Columns that loads add, with the types that schema evolution gives them; one cannot be in a view.
GROWN = {"CAMPAIGN": "VARCHAR(16777216)", "PRICE": "NUMBER(3,1)", "VIP": "NUMBER(1,0)", "A\nB": "VARIANT"}
WORDS = st.sampled_from(["", "ours"])


def named(*names: str) -> st.SearchStrategy[str]:
    """A name, mostly the first."""
    return st.sampled_from([names[0]] * 3 + list(names[1:]))


@st.composite
def columns(draw: st.DrawFn) -> list[dict[str, str]]:
    found = list(NEEDED)
    for column in draw(st.permutations(list(COLUMNS))):
        if draw(st.booleans()):
            kind, comment = draw(st.sampled_from(COLUMNS[column])), draw(WORDS)
            found.append({"Name": column, "Type": kind, **({"Comment": comment} if comment else {})})
    return found


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """A landing stack's Snowflake objects, some of them left out."""
    table, stage, pipe = (
        draw(named("CLICKS", "EVENTS")),
        draw(named("LAKE", "LAKE_2")),
        draw(named("PIPE", "P2")),
    )
    url = {
        "Fn::Join": [
            "",
            [BUCKET["Fn::Join"][1][0], {"Fn::ImportValue": "lake-name"}, draw(named("/e/", "/f/"))],
        ]
    }
    integration, reader = draw(st.booleans()), draw(named("READER", "READER_2"))
    form = name(draw(named("JSON", "NDJSON")))
    found: dict[str, Any] = {
        "Format": {**form, "Compression": draw(named("AUTO", "GZIP"))},
        "Stage": {**name(stage), "Url": url, "Comment": draw(WORDS)},
        "Table": {
            **name(table),
            "Columns": draw(columns()),
            "SchemaEvolution": draw(named("true", "false")),
            "OnDelete": draw(named("retain", "drop")),
            "Comment": draw(WORDS),
        },
    }
    if integration:
        found["StorageIntegration"] = {
            "Name": reader,
            "RoleArn": f"arn:aws:iam::123456789012:role/{draw(named('reader', 'other'))}",
            "ExternalId": "ours-1",
            "AllowedLocations": [url],
        }
        found["Stage"]["StorageIntegration"] = reader
    else:
        key = {"Fn::ImportValue": "key-secret"}
        found["Stage"] |= {"CredentialsSecretArn": key, "CredentialsSerial": draw(named("0", "1"))}
    if draw(named("there", "not")) == "there":
        found["Pipe"] = {
            **name(pipe),
            "Table": name(table),
            "Stage": name(stage),
            "StageUrl": url,
            "FileFormat": form,
            "Metadata": [{"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"}],
            "OnError": draw(named("CONTINUE", "SKIP_FILE")),
            "Comment": draw(WORDS),
        }
        found["PipeRefresh"] = {"Pipe": name(pipe), "Trigger": draw(named("1", "2"))}
    if draw(named("there", "not")) == "there":
        found["View"] = {
            **name(draw(named("ONCE", "DEDUPLICATED"))),
            "Table": name(table),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Revision": draw(named("1", "2")),
            "Comment": draw(WORDS),
        }
    order = ["Format", "StorageIntegration", "Stage", "Table", "View", "Pipe", "PipeRefresh"]
    made = [logical_id for logical_id in order if logical_id in found]
    return {
        "Resources": {
            logical_id: {
                "Type": f"Custom::Snowflake{logical_id.replace('Format', 'FileFormat')}",
                "Properties": found[logical_id],
                "DependsOn": made[: made.index(logical_id)],
            }
            for logical_id in made
        }
    }


def grow(there: Bench, data: st.DataObject) -> None:
    """Loads add columns and files, and somebody is given a privilege on the pipe."""
    for table in there.snowflake.tables.values():
        for column in data.draw(st.sets(st.sampled_from(list(GROWN)), max_size=2)):
            table.setdefault(column, GROWN[column])
    for pipe in there.snowflake.pipes.values():
        for number in range(data.draw(st.integers(0, 2))):
            there.clock.sleep(60)
            url = there.snowflake.stages[pipe.copy.stage]["URL"]
            there.snowflake.land(
                f"{url}{len(there.snowflake.lake)}-{number}.gz", notify=data.draw(st.booleans())
            )
        if data.draw(st.booleans()):
            pipe.grants = [grant("MONITOR", "OPS")]


def tidy_up(there: Bench, found: Resources) -> None:
    """Drop the tables of earlier deployments: without --live a plan takes Snowflake to be as deployed."""
    deployed = {resource.object for resource in found.deployed}
    for table in list(there.snowflake.tables):
        if ".".join(part.value for part in table.parts) not in deployed:
            there.snowflake.execute(DropTable(table))


def meddle(there: Bench, data: st.DataObject) -> None:
    """Somebody changes or drops things by hand."""
    snowflake = there.snowflake
    for pipe in snowflake.pipes.values():
        pipe.paused = pipe.paused or data.draw(named("left", "paused")) == "paused"
        pipe.comment = data.draw(named(pipe.comment, "by hand [def:0123456789abcdef]"))
    for table in snowflake.tables:
        snowflake.comments[table, "EVENT_ID"] = data.draw(WORDS)
    for stage in snowflake.stages.values():
        if data.draw(named("left", "bound")) == "bound":
            stage.update(STORAGE_INTEGRATION="THEIRS")
    for form in snowflake.formats.values():
        form.update(COMPRESSION=data.draw(named(form["COMPRESSION"], "BZ2")))
    for view, there_is in snowflake.views.items():
        snowflake.views[view] = replace(there_is, comment=data.draw(named(there_is.comment, "theirs")))
    for integration in snowflake.integrations.values():
        integration.update(ENABLED=data.draw(named("true", "false")))
    for there_are in (snowflake.views, snowflake.pipes, snowflake.formats):
        for dropped in list(there_are):
            if data.draw(st.integers(0, 9)) == 0:
                del there_are[dropped]


def agree(planned: PlannedRequest, carried: Carried) -> None:
    """The plan has what was carried out, but for what it says only the deployment will know."""
    assert (planned.action, planned.resource.logical_id) == (carried.action, carried.logical_id)
    told = " ".join(planned.unknown)
    if carried.refused:
        assert planned.refused or "makes the deployment fail" in told, carried.refused
        return
    assert planned.refused is None
    expected, found = planned.statements, list(carried.statements)
    if "Files in the lake" in told:
        expected, found = without(RefreshPipe, expected), without(RefreshPipe, found)
    if "Every grant" in told:
        expected, found = without(GrantOnPipe, expected), without(GrantOnPipe, found)
        found = [unmarked("replacing", statement) for statement in found]
        expected = [unmarked("replacing", statement) for statement in expected]
    if planned.resource.stack_id != STACK_ID:
        expected, found = ([unmarked("owner", statement) for statement in each] for each in (expected, found))
    if "column that a load has added" in told:
        # A column is added, or there already and described.
        added = {s.column.name: s.column.comment or "" for s in expected if isinstance(s, AddColumn)}
        for statement in found:
            if isinstance(statement, SetColumnComment) and statement.column in added:
                assert statement.comment == added[statement.column]
        expected = without(AddColumn, expected)
        found = [s for s in without(AddColumn, found) if getattr(s, "column", None) not in added]
    if "Columns that loads have added" in told:
        columns = [listed(statements) for statements in (expected, found)]
        assert not Counter(columns[0]) - Counter(columns[1])
        expected, found = ([unlisted(statement) for statement in each] for each in (expected, found))
    assert expected == found
    assert [statement.sql() for statement in expected] == [statement.sql() for statement in found]


def without(kind: type[Statement], statements: Sequence[Statement]) -> list[Statement]:
    return [statement for statement in statements if not isinstance(statement, kind)]


def unmarked(label: str, statement: Statement) -> Statement:
    if not isinstance(statement, CreatePipe | ReplacePipe | CreateStorageIntegration):
        return statement
    return replace(statement, comment=re.sub(rf"\[{label}:(\[.*\]|\w+)\]", "", statement.comment))


def listed(statements: Sequence[Statement]) -> list[Any]:
    return [c for s in statements if isinstance(s, CreateView | ReplaceView) for c in s.columns]


def unlisted(statement: Statement) -> Statement:
    return replace(statement, columns=()) if isinstance(statement, CreateView | ReplaceView) else statement


def compare(plan: Plan, carried: list[Carried]) -> None:
    for planned, done in zip(plan.requests, carried, strict=False):
        agree(planned, done)
    if not any(one.refused for one in carried):
        assert len(plan.requests) == len(carried)


@HISTORIES
@given(st.lists(templates(), min_size=4, max_size=4), st.data())
def test_without_asking_the_plan_has_what_it_can_know(history: list[Template], data: st.DataObject) -> None:
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
def test_live_the_plan_has_all_statements_and_no_drift_is_left(
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
    """What templates describe, of the columns those that a fresh deployment has."""
    snowflake, columns = there.snowflake, fresh.snowflake.tables
    return {
        "formats": snowflake.formats,
        "stages": snowflake.stages,
        "integrations": snowflake.integrations,
        "views": {name: view.comment for name, view in snowflake.views.items()},
        "pipes": {name: (pipe.copy, pipe.comment, pipe.paused) for name, pipe in snowflake.pipes.items()},
        "columns": {
            (table, column): snowflake.comments.get((table, column)) or ""
            for table in columns
            for column in columns[table]
        },
    }


@HISTORIES
@given(st.lists(templates(), min_size=3, max_size=3), st.data())
def test_what_was_changed_by_hand_is_drift_until_it_is_brought_back(
    history: list[Template], data: st.DataObject
) -> None:
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
