"""`clickstream plan --live`: drift of the account, and the statements a deployment would run there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.plan.forecast import Questions
from cli.plan.planner import Plan, PlannedRequest
from cli.plan.text import as_json, as_text
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.sql.identifiers import Identifier
from snowflake_setup.sql.pipe import DropPipe, PausePipe, PipeStatus
from snowflake_setup.sql.table import SetColumnComment
from tests.unit.cli.assemblies import (
    Template,
    both_sides,
    landing,
    name,
)
from tests.unit.cli.deployments import account, deploy
from tests.unit.cli.planning import (
    CLICKS,
    JSON,
    LAKE,
    PIPE,
    Deployed,
    as_deployed,
    by_role,
    kinds,
    planned,
    sql,
    text,
)
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fake_snowflake import FakeSnowflake
from tests.unit.snowflake_setup.fakes import Bench


def drift(template: Template, there: Bench) -> list[PlannedRequest]:
    return planned(both_sides(template, template), there).drift or []


@pytest.mark.parametrize("template", [landing(), by_role()])
def test_a_deployment_has_no_drift(template: Template) -> None:
    there = as_deployed(template)
    plan = planned(both_sides(template, template), there)
    assert plan.drift == []
    assert "no drift: Snowflake has what is deployed" in text(plan)


def test_a_live_plan_adopts_a_stage_created_by_hand(resources: Deployed) -> None:
    there = account()
    there.snowflake.stages[LAKE] = {"URL": "s3://the-lake/events/"}
    plan = planned(resources(None, landing()), there)
    assert "ALTER STAGE" in kinds(plan)
    assert "CREATE STAGE" not in kinds(plan)
    assert "CREATE TABLE" in kinds(plan)


CHANGES_BY_HAND: dict[str, tuple[Callable[[FakeSnowflake], object], list[str]]] = {
    "another option": (lambda there: there.formats[JSON].update(COMPRESSION="BZ2"), ["ALTER FILE FORMAT"]),
    "no pipe": (lambda there: there.pipes.clear(), ["CREATE PIPE"]),
    "a paused pipe": (lambda there: there.execute(PausePipe(PIPE)), ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"]),
    "a lost column": (lambda there: there.tables[CLICKS].pop("SCROLL_DEPTH"), ["ALTER TABLE ADD COLUMN"]),
    "a description": (
        lambda there: there.execute(SetColumnComment(CLICKS, Identifier("EVENT_ID"), "by hand")),
        ["ALTER TABLE ALTER COLUMN"],
    ),
    "a moved stage": (lambda there: there.stages[LAKE].update(URL="s3://theirs/"), ["ALTER STAGE"]),
}


@pytest.mark.parametrize("change", CHANGES_BY_HAND)
def test_drift_has_the_statements_that_restore_the_deployed_object(change: str) -> None:
    by_hand, brought_back = CHANGES_BY_HAND[change]
    there = as_deployed(landing())
    by_hand(there.snowflake)
    plan = planned(both_sides(landing(), landing()), there)
    (drifted,) = plan.drift or []
    assert [statement.kind for statement in drifted.statements] == brought_back
    assert plan.requests == []
    assert f"{drifted.statements[0].sql()};" in text(plan)
    assert ("missing, or your role cannot see it" in text(plan)) == (change == "no pipe")
    (told,) = as_json("local", plan, questions=False, notes=[])["drift"]
    assert told["statements"][0]["sql"] == drifted.statements[0].sql()


def test_drift_that_no_deployment_repairs_is_shown_with_the_reason() -> None:
    there = as_deployed(landing())
    there.snowflake.tables[CLICKS]["SCROLL_DEPTH"] = "VARCHAR"
    (drifted,) = drift(landing(), there)
    assert "SCROLL_DEPTH is VARCHAR, wanted NUMBER(38,0)" in str(drifted.refused)
    assert "SCROLL_DEPTH is VARCHAR" in text(planned(both_sides(landing(), landing()), there))


def declared(kind: str) -> Template:
    """A template whose table and view have a further column."""
    new = by_role()
    column = {"Name": "CAMPAIGN", "Type": kind, "Comment": "Which campaign"}
    new["Resources"]["Table"]["Properties"]["Columns"].append(column)
    new["Resources"]["View"]["Properties"]["Columns"].append("CAMPAIGN")
    return new


def test_columns_added_by_loads_are_no_drift_and_in_no_view_until_they_are_declared() -> None:
    there = as_deployed(by_role())
    there.snowflake.evolve(CLICKS, "CAMPAIGN", "VARCHAR(16777216)")
    there.snowflake.evolve(CLICKS, "VIP", "NUMBER(1,0)")
    assert drift(by_role(), there) == []
    found = both_sides(by_role(), declared("VARCHAR"))
    described, replaced = sql(planned(found, there))
    assert described == ('ALTER TABLE "DB"."RAW"."CLICKS" ALTER COLUMN "CAMPAIGN" COMMENT \'Which campaign\'')
    assert 'SELECT "EVENT_ID", "SOURCE_FILE", "CAMPAIGN" FROM' in replaced
    offline = planned(found)
    assert sql(offline)[1] == replaced
    assert "?? If a load has added a column by then" in text(offline)
    deploy(found, there)
    assert drift(declared("VARCHAR"), there) == []


def test_a_live_plan_shows_the_renaming_of_an_evolved_column() -> None:
    there = as_deployed(by_role())
    there.snowflake.evolve(CLICKS, "CAMPAIGN", "NUMBER(1,0)")
    found = both_sides(by_role(), declared("VARCHAR"))
    plan = planned(found, there)
    assert sql(plan)[:2] == [
        'ALTER TABLE "DB"."RAW"."CLICKS" RENAME COLUMN "CAMPAIGN" TO "CAMPAIGN_EVOLVED"',
        'ALTER TABLE "DB"."RAW"."CLICKS" ADD COLUMN IF NOT EXISTS "CAMPAIGN" VARCHAR COMMENT \'Which campaign\'',
    ]
    assert "!! moves values: a query of the old name" in text(plan)
    deploy(found, there)
    assert drift(declared("VARCHAR"), there) == []


def replaced(template: Template) -> Template:
    """The template with another COPY statement, and another comment on the table."""
    template["Resources"]["Pipe"]["Properties"]["OnError"] = "SKIP_FILE"
    template["Resources"]["Table"]["Properties"]["Comment"] = "ours"
    return template


def loading() -> Bench:
    """A pipe with a grant, two loaded files, and an older file without a notification."""
    there = as_deployed(landing())
    for file, told in (("a", True), ("b", False), ("c", True)):
        there.clock.sleep(60)
        there.snowflake.land(f"s3://the-lake/events/{file}.gz", notify=told)
    there.snowflake.pipes[PIPE].grants = [grant("MONITOR", "OPS")]
    return there


def replacing(plan: Plan) -> PlannedRequest:
    (request,) = [request for request in plan.requests if request.resource.logical_id == "Pipe"]
    return request


def test_a_live_plan_finds_the_files_and_grants_unknown_offline(resources: Deployed) -> None:
    request = replacing(planned(resources(landing(), replaced(landing())), loading()))
    sent = [statement.sql() for statement in request.statements]
    assert 'GRANT MONITOR ON PIPE "DB"."RAW"."PIPE" TO ROLE "OPS"' in sent
    assert [text for text in sent if "REFRESH" in text] == [
        'ALTER PIPE "DB"."RAW"."PIPE" REFRESH PREFIX = \'b.gz\''
    ]
    assert request.unknown == []


def test_a_live_plan_without_a_warehouse_does_not_guess_the_files(resources: Deployed) -> None:
    """Without the load history, no file would look loaded."""
    there = loading()
    there.snowflake.has_warehouse = False
    request = replacing(planned(resources(landing(), replaced(landing())), there))
    assert not any("REFRESH" in statement.sql() for statement in request.statements)
    assert any("REFRESH" in told for told in request.unknown)


def test_files_are_not_guessed_for_a_new_stage_location(resources: Deployed) -> None:
    new = replaced(landing())
    new["Resources"]["Stage"]["Properties"].update({**name("MORE"), "Url": "s3://the-lake/more/"})
    new["Resources"]["Pipe"]["Properties"].update({"Stage": name("MORE"), "StageUrl": "s3://the-lake/more/"})
    request = replacing(planned(resources(landing(), new), loading()))
    assert not any("REFRESH" in statement.sql() for statement in request.statements)
    assert any("REFRESH" in told for told in request.unknown)


def test_a_plan_only_reads() -> None:
    with pytest.raises(ValueError, match="a plan changes nothing: DROP PIPE"):
        Questions(None).execute(DropPipe(PIPE))


def test_the_plans_queries_are_shown_on_request(resources: Deployed) -> None:
    plan = planned(resources(landing(), replaced(landing())), loading())
    with_questions = as_text("local", plan, questions=True, notes=[])
    for question in ("DESC TABLE", "DESC PIPE", "SHOW GRANTS ON PIPE", "LIST @"):
        assert question in with_questions
        assert question not in text(plan)


def test_an_unreachable_account_is_not_shown_as_a_failing_deployment(resources: Deployed) -> None:
    there = as_deployed(landing())
    there.snowflake.refuse[PipeStatus] = SnowflakeError("insufficient privileges", code=3001)
    with pytest.raises(SnowflakeError, match="insufficient privileges"):
        planned(resources(landing(), landing()), there)
