"""The plan of a deployment: its statements, what it cannot know, and drift."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.plan import plan as plan_command
from cli.output import CommandError
from cli.plan.forecast import Questions
from cli.plan.planner import Plan, PlannedRequest, make_plan
from cli.plan.templates import Resources, collect, read_assembly
from cli.plan.text import as_json, as_text
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import DropPipe, PausePipe, PipeStatus
from snowflake_setup.sql.table import SetColumnComment
from tests.unit.cli.assemblies import (
    BUCKET,
    FakeCloudFormation,
    Template,
    both_sides,
    landing,
    name,
    write_assembly,
)
from tests.unit.cli.deployments import account, deploy
from tests.unit.snowflake_setup.fakes import Bench, FakeSnowflake, grant

JSON, LAKE, CLICKS, PIPE = (ObjectName.of("DB", "RAW", of) for of in ("JSON", "LAKE", "CLICKS", "PIPE"))

Deployed = Callable[[Template | None, Template], Resources]


@pytest.fixture
def resources(tmp_path: Path) -> Deployed:
    """Both sides of a deployment of `new` over `old`."""

    def both(old: Template | None, new: Template) -> Resources:
        stacks = read_assembly(write_assembly(tmp_path / "cdk.out", new), "local")
        return collect(stacks, FakeCloudFormation(old))  # type: ignore[arg-type]

    return both


def planned(found: Resources, there: Bench | None = None) -> Plan:
    return make_plan(found, "acme", there.snowflake if there else None)


def sql(plan: Plan) -> list[str]:
    return [statement.sql() for request in plan.requests for statement in request.statements]


def kinds(plan: Plan) -> list[str]:
    """What is done, without the comments that say so."""
    found = [statement.kind for request in plan.requests for statement in request.statements]
    return [kind for kind in found if not kind.endswith("SET COMMENT")]


def text(plan: Plan) -> str:
    return as_text("local", plan, questions=False, notes=[])


def test_a_first_deployment_makes_everything_after_what_it_needs(resources: Deployed) -> None:
    plan = planned(resources(None, landing()))
    assert sorted(kinds(plan)[:3]) == ["CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE"]
    assert kinds(plan)[3:] == ["CREATE PIPE"]
    assert plan.requests[-1].resource.logical_id == "Refresh"
    assert "known at deployment only" in " ".join(plan.requests[-1].unknown)


def test_credentials_are_masked_and_imports_are_what_the_account_exports(resources: Deployed) -> None:
    (stage,) = [text for text in sql(planned(resources(None, landing()))) if "STAGE" in text.split()]
    assert "AWS_KEY_ID = '***' AWS_SECRET_KEY = '***'" in stage
    assert "URL = 's3://the-lake/events/'" in stage


def by_role() -> Template:
    """Landing with a storage integration instead of a key, and a view."""
    template = landing()
    found = template["Resources"]
    found["Integration"] = {
        "Type": "Custom::SnowflakeStorageIntegration",
        "Properties": {
            "Name": "LAKE_READER",
            "RoleArn": {
                "Fn::Join": [
                    "",
                    ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":role/reader"],
                ]
            },
            "ExternalId": "ours-1",
            "AllowedLocations": [BUCKET],
        },
    }
    stage = found["Stage"]["Properties"]
    del stage["CredentialsSecretArn"], stage["CredentialsSerial"]
    stage["StorageIntegration"] = "LAKE_READER"
    found["Stage"]["DependsOn"] = "Integration"
    found["View"] = {
        "Type": "Custom::SnowflakeView",
        "Properties": {
            **name("EACH_CLICK"),
            "Table": name("CLICKS"),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Comment": "",
        },
        "DependsOn": ["Table"],
    }
    return template


def test_integration_comes_before_the_stage_and_the_view_after_the_table(resources: Deployed) -> None:
    plan = planned(resources(None, by_role()))
    made = kinds(plan)
    assert made.index("CREATE STORAGE INTEGRATION") < made.index("CREATE STAGE")
    assert made.index("CREATE TABLE") < made.index("CREATE VIEW")
    assert "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/reader'" in "\n".join(sql(plan))
    assert "?? Before the stage is bound to the integration, AWS is asked" in text(plan)
    assert not plan.refused


def test_switching_a_live_stage_to_the_integration_is_one_alteration(resources: Deployed) -> None:
    plan = planned(resources(landing(), by_role()))
    assert [kind for kind in kinds(plan) if kind != "CREATE VIEW"] == [
        "CREATE STORAGE INTEGRATION",
        "ALTER STAGE",
    ]
    assert 'ALTER STAGE "DB"."RAW"."LAKE" SET STORAGE_INTEGRATION = "LAKE_READER"' in sql(plan)


def as_deployed(template: Template) -> Bench:
    """An account with the template deployed."""
    there = account()
    assert not [one.refused for one in deploy(both_sides(None, template), there) if one.refused]
    return there


def drift(template: Template, there: Bench) -> list[PlannedRequest]:
    return planned(both_sides(template, template), there).drift or []


@pytest.mark.parametrize("template", [landing(), by_role()])
def test_what_was_deployed_has_no_drift(template: Template) -> None:
    there = as_deployed(template)
    plan = planned(both_sides(template, template), there)
    assert plan.drift == []
    assert "no drift: Snowflake has what is deployed" in text(plan)


def test_live_adopts_a_stage_that_somebody_made(resources: Deployed) -> None:
    there = account()
    there.snowflake.stages[LAKE] = {"URL": "s3://the-lake/events/"}
    plan = planned(resources(None, landing()), there)
    assert "ALTER STAGE" in kinds(plan)
    assert "CREATE STAGE" not in kinds(plan)
    assert "CREATE TABLE" in kinds(plan)


def test_without_a_deployment_a_bucket_without_a_name_gets_a_placeholder(tmp_path: Path) -> None:
    found = collect(read_assembly(write_assembly(tmp_path, landing()), "local"), None)
    assert "s3://known-after-deploy.lake/events/" in "\n".join(sql(planned(found)))
    assert "known-after-deploy.lake" in found.unknown


def test_equal_properties_are_left_untouched_whatever_their_spelling(resources: Deployed) -> None:
    """CloudFormation keeps scalars as strings; a template has booleans and numbers."""
    new = landing()
    new["Resources"]["Stage"]["Properties"]["CredentialsSerial"] = "0"
    plan = planned(resources(landing(), new))
    assert plan.requests == []
    assert len(plan.untouched) == 5


def test_a_new_copy_statement_replaces_the_pipe_with_marks_and_a_word_on_files(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Pipe"]["Properties"]["OnError"] = "SKIP_FILE"
    plan = planned(resources(landing(), new))
    assert kinds(plan) == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED", "CREATE OR REPLACE PIPE"]
    shown = text(plan)
    assert "!! loses history: the old pipe's load history, queue and grants go with it" in shown
    assert "?? Files in the lake that no pipe has loaded" in shown
    assert "?? Every grant that the old pipe has" in shown


def test_a_comment_is_altered_in_place(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Stage"]["Properties"]["Comment"] = "our lake"
    assert sql(planned(resources(landing(), new))) == [
        'ALTER STAGE "DB"."RAW"."LAKE" SET COMMENT = \'our lake\''
    ]


def test_a_refused_change_is_told_with_its_reason(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Table"]["Properties"]["Columns"][1]["Type"] = "VARCHAR"
    plan = planned(resources(landing(), new))
    assert plan.refused
    assert sql(plan) == []
    assert "XX the deployment would fail here" in text(plan)
    assert as_json("local", plan, questions=False, notes=[])["would_fail"] is True


@pytest.mark.parametrize(("on_delete", "expected"), [("retain", []), ("drop", ["DROP TABLE"])])
def test_a_table_dies_only_with_on_delete_drop(
    resources: Deployed, on_delete: str, expected: list[str]
) -> None:
    old, new = landing(), landing()
    old["Resources"]["Table"]["Properties"]["OnDelete"] = on_delete
    for template in (old, new):
        template["Resources"]["Pipe"]["DependsOn"].remove("Table")
    del new["Resources"]["Table"]
    plan = planned(resources(old, new))
    assert kinds(plan) == expected
    assert ("!! destructive" in text(plan)) == (on_delete == "drop")
    assert ("table kept" in text(plan)) == (on_delete == "retain")


def test_a_renamed_pipe_takes_over_first_and_the_old_one_goes_last(resources: Deployed) -> None:
    new = landing()
    for resource in ("Pipe", "Refresh"):
        properties: dict[str, Any] = new["Resources"][resource]["Properties"]
        properties.update(name("PIPE_2") if resource == "Pipe" else {"Pipe": name("PIPE_2")})
    plan = planned(resources(landing(), new))
    assert kinds(plan) == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED", "CREATE PIPE", "DROP PIPE"]
    assert sql(plan)[-1] == 'DROP PIPE IF EXISTS "DB"."RAW"."PIPE"'


def test_what_cloudformation_retains_is_not_dropped(resources: Deployed) -> None:
    old, new = landing(), landing()
    old["Resources"]["Refresh"]["DeletionPolicy"] = "Retain"
    del new["Resources"]["Refresh"]
    plan = planned(resources(old, new))
    assert plan.requests == []
    assert "kept by its DeletionPolicy" in text(plan)


def test_an_assembly_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no synthesized templates"):
        read_assembly(tmp_path, "local")


def test_another_stages_assembly_is_refused(tmp_path: Path) -> None:
    write_assembly(tmp_path, landing(), env="prod")
    with pytest.raises(
        CommandError, match="holds environment prod, not local; name that one with --env"
    ) as caught:
        read_assembly(tmp_path, "local")
    assert caught.value.exit_code == 2


def test_the_context_does_not_name_another_stage() -> None:
    with pytest.raises(CommandError, match="use --env") as caught:
        plan_command(env="local", context=["env=prod"])
    assert caught.value.exit_code == 2


def test_json_has_the_statements_and_their_marks(resources: Deployed) -> None:
    old, new = landing(), landing()
    del new["Resources"]["Refresh"]
    del new["Resources"]["Pipe"]
    document = json.loads(
        json.dumps(as_json("local", planned(resources(old, new)), questions=False, notes=[]))
    )
    (statement,) = [s for step in document["steps"] for s in step["statements"]]
    assert statement["sql"] == 'DROP PIPE IF EXISTS "DB"."RAW"."PIPE"'
    assert statement["mark"] == "loses history"


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
def test_drift_is_what_would_bring_back_the_deployed_object(change: str) -> None:
    by_hand, brought_back = CHANGES_BY_HAND[change]
    there = as_deployed(landing())
    by_hand(there.snowflake)
    plan = planned(both_sides(landing(), landing()), there)
    (drifted,) = plan.drift or []
    assert [statement.kind for statement in drifted.statements] == brought_back
    assert plan.requests == []
    assert f"{drifted.statements[0].sql()};" in text(plan)
    assert ("missing, or your role may not see it" in text(plan)) == (change == "no pipe")
    (told,) = as_json("local", plan, questions=False, notes=[])["drift"]
    assert told["statements"][0]["sql"] == drifted.statements[0].sql()


def test_drift_that_no_deployment_repairs_is_told_with_the_reason() -> None:
    there = as_deployed(landing())
    there.snowflake.tables[CLICKS]["SCROLL_DEPTH"] = "VARCHAR"
    (drifted,) = drift(landing(), there)
    assert "SCROLL_DEPTH is VARCHAR, wanted NUMBER(38,0)" in str(drifted.refused)
    assert "SCROLL_DEPTH is VARCHAR" in text(planned(both_sides(landing(), landing()), there))


def test_columns_that_loads_have_added_are_no_drift_and_reach_the_view() -> None:
    there = as_deployed(by_role())
    there.snowflake.tables[CLICKS]["CAMPAIGN"] = "VARCHAR(16777216)"
    assert drift(by_role(), there) == []
    new = by_role()
    new["Resources"]["View"]["Properties"]["Revision"] = "2"
    (replaced,) = sql(planned(both_sides(by_role(), new), there))
    assert '"SOURCE_FILE", "CAMPAIGN" FROM' in replaced
    offline = text(planned(both_sides(by_role(), new)))
    assert "?? Columns that loads have added to the table by then are listed, too." in offline


def test_a_column_that_a_load_has_added_gets_its_description_and_no_drift_is_left() -> None:
    there = as_deployed(landing())
    there.snowflake.tables[CLICKS]["CAMPAIGN"] = "VARCHAR(16777216)"
    new = landing()
    listed = {"Name": "CAMPAIGN", "Type": "VARCHAR", "Comment": "Which campaign"}
    new["Resources"]["Table"]["Properties"]["Columns"].append(listed)
    found = both_sides(landing(), new)
    assert sql(planned(found, there)) == [
        'ALTER TABLE "DB"."RAW"."CLICKS" ALTER COLUMN "CAMPAIGN" COMMENT \'Which campaign\''
    ]
    deploy(found, there)
    assert drift(new, there) == []


def replaced(template: Template) -> Template:
    """The template with another COPY statement, and another comment on the table."""
    template["Resources"]["Pipe"]["Properties"]["OnError"] = "SKIP_FILE"
    template["Resources"]["Table"]["Properties"]["Comment"] = "ours"
    return template


def loading() -> Bench:
    """A pipe with a privilege on it, two loaded files, and an older one that nobody told it of."""
    there = as_deployed(landing())
    for file, told in (("a", True), ("b", False), ("c", True)):
        there.clock.sleep(60)
        there.snowflake.land(f"s3://the-lake/events/{file}.gz", notify=told)
    there.snowflake.pipes[PIPE].grants = [grant("MONITOR", "OPS")]
    return there


def replacing(plan: Plan) -> PlannedRequest:
    (request,) = [request for request in plan.requests if request.resource.logical_id == "Pipe"]
    return request


def test_live_finds_the_files_and_grants_that_the_offline_plan_cannot_know(resources: Deployed) -> None:
    request = replacing(planned(resources(landing(), replaced(landing())), loading()))
    sent = [statement.sql() for statement in request.statements]
    assert 'GRANT MONITOR ON PIPE "DB"."RAW"."PIPE" TO ROLE "OPS"' in sent
    assert [text for text in sent if "REFRESH" in text] == [
        'ALTER PIPE "DB"."RAW"."PIPE" REFRESH PREFIX = \'b.gz\''
    ]
    assert request.unknown == []


def test_live_without_a_warehouse_does_not_guess_the_files(resources: Deployed) -> None:
    """Without the history, every file would look as if nobody had loaded it."""
    there = loading()
    there.snowflake.has_warehouse = False
    request = replacing(planned(resources(landing(), replaced(landing())), there))
    assert not any("REFRESH" in statement.sql() for statement in request.statements)
    assert any("REFRESH" in told for told in request.unknown)


def test_files_are_not_guessed_where_the_stage_is_going_to_be(resources: Deployed) -> None:
    new = replaced(landing())
    new["Resources"]["Stage"]["Properties"]["Url"] = "s3://the-lake/more/"
    request = replacing(planned(resources(landing(), new), loading()))
    assert not any("REFRESH" in statement.sql() for statement in request.statements)
    assert any("REFRESH" in told for told in request.unknown)


def test_a_plan_only_reads() -> None:
    with pytest.raises(ValueError, match="a plan changes nothing: DROP PIPE"):
        Questions(None).execute(DropPipe(PIPE))


def test_what_was_asked_is_shown_on_request(resources: Deployed) -> None:
    plan = planned(resources(landing(), replaced(landing())), loading())
    with_questions = as_text("local", plan, questions=True, notes=[])
    for question in ("DESC TABLE", "DESC PIPE", "SHOW GRANTS ON PIPE", "LIST @"):
        assert question in with_questions
        assert question not in text(plan)


def test_an_account_that_does_not_answer_is_no_failure_of_the_deployment(resources: Deployed) -> None:
    there = as_deployed(landing())
    there.snowflake.refuse[PipeStatus] = SnowflakeError("insufficient privileges", code=3001)
    with pytest.raises(SnowflakeError, match="insufficient privileges"):
        planned(resources(landing(), landing()), there)
