"""The offline plan of a deployment: its statements, and the unknowns it reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.commands.plan import plan as plan_command
from cli.output import CommandError
from cli.plan.templates import collect, read_assembly
from cli.plan.text import as_json
from tests.unit.cli.assemblies import (
    STACK,
    Template,
    landing,
    name,
    write_assembly,
)
from tests.unit.cli.planning import (
    Deployed,
    by_role,
    kinds,
    planned,
    sql,
    text,
)


def test_a_first_deployment_creates_objects_after_those_they_need(resources: Deployed) -> None:
    plan = planned(resources(None, landing()))
    assert sorted(kinds(plan)[:3]) == ["CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE"]
    assert kinds(plan)[3:] == ["CREATE PIPE"]
    assert plan.requests[-1].resource.logical_id == "Refresh"
    assert "known only at deployment" in " ".join(plan.requests[-1].unknown)


@pytest.mark.parametrize(
    ("before", "after", "kinds_then", "told"),
    [
        ("", "60", ["CREATE", "ALTER TABLE ADD"], "!! destructive: older rows are deleted for good"),
        ("60", "30", ["ALTER"], "!! destructive: fewer days: the next daily run deletes more rows"),
        ("30", "", ["ALTER TABLE DROP", "DROP"], "DROP STORAGE LIFECYCLE POLICY"),
    ],
)
def test_a_change_of_retention_says_what_it_deletes(
    resources: Deployed, before: str, after: str, kinds_then: list[str], told: str
) -> None:
    plan = planned(resources(expiring(before), expiring(after)))
    assert kinds(plan) == [f"{kind} STORAGE LIFECYCLE POLICY" for kind in kinds_then]
    assert told in text(plan)


def expiring(days: str) -> Template:
    template = landing()
    if days:
        template["Resources"]["Table"]["Properties"] |= {"KeepDays": days, "LoadTime": "SOURCE_FILE"}
    return template


def test_credentials_are_masked_and_imports_have_the_exported_values(resources: Deployed) -> None:
    (stage,) = [text for text in sql(planned(resources(None, landing()))) if "STAGE" in text.split()]
    assert "AWS_KEY_ID = '***' AWS_SECRET_KEY = '***'" in stage
    assert "URL = 's3://the-lake/events/'" in stage


def test_integration_comes_before_the_stage_and_the_view_after_the_table(resources: Deployed) -> None:
    plan = planned(resources(None, by_role()))
    made = kinds(plan)
    assert made.index("CREATE STORAGE INTEGRATION") < made.index("CREATE STAGE")
    assert made.index("CREATE TABLE") < made.index("CREATE VIEW")
    assert "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/reader'" in "\n".join(sql(plan))
    assert "?? Before the stage is bound to the integration, AWS is asked" in text(plan)
    assert not plan.refused


def test_switching_to_the_integration_makes_another_stage_and_carries_the_pipe_over(
    resources: Deployed,
) -> None:
    plan = planned(resources(landing(), by_role()))
    assert [kind for kind in kinds(plan) if kind != "CREATE VIEW"] == [
        "CREATE STORAGE INTEGRATION",
        "CREATE STAGE",
        "ALTER PIPE SET PIPE_EXECUTION_PAUSED",
        "CREATE OR REPLACE PIPE",
        "DROP STAGE",
    ]
    assert 'FROM @"DB"."RAW"."LAKE_INTEGRATION"' in "\n".join(sql(plan))
    assert sql(plan)[-1] == 'DROP STAGE IF EXISTS "DB"."RAW"."LAKE"'


def test_without_a_deployment_a_bucket_without_a_name_gets_a_placeholder(tmp_path: Path) -> None:
    found = collect(read_assembly(write_assembly(tmp_path, landing()), "local"), None)
    assert "s3://known-after-deploy.lake/events/" in "\n".join(sql(planned(found)))
    assert "known-after-deploy.lake" in found.unknown


def test_equal_properties_in_other_spellings_need_no_statement(resources: Deployed) -> None:
    """CloudFormation keeps scalars as strings; a template has booleans and numbers."""
    new = landing()
    new["Resources"]["Stage"]["Properties"]["CredentialsSerial"] = "0"
    plan = planned(resources(landing(), new))
    assert plan.requests == []
    assert len(plan.untouched) == 5


def test_a_new_copy_statement_replaces_the_pipe_with_warnings_about_files(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Pipe"]["Properties"]["OnError"] = "SKIP_FILE"
    plan = planned(resources(landing(), new))
    assert kinds(plan) == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED", "CREATE OR REPLACE PIPE"]
    shown = text(plan)
    assert "!! loses history: the old pipe's load history, waiting files and grants are deleted" in shown
    assert "?? Files in the lake that no pipe has loaded" in shown
    assert "?? All grants on the old pipe" in shown


def test_a_comment_is_altered_in_place(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Stage"]["Properties"]["Comment"] = "our lake"
    assert sql(planned(resources(landing(), new))) == [
        'ALTER STAGE "DB"."RAW"."LAKE" SET COMMENT = \'our lake\''
    ]


def test_a_refused_change_is_shown_with_its_reason(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Table"]["Properties"]["Columns"][1]["Type"] = "VARCHAR"
    plan = planned(resources(landing(), new))
    assert plan.refused
    assert sql(plan) == []
    assert "XX the deployment would fail here" in text(plan)
    assert as_json("local", plan, questions=False, notes=[])["would_fail"] is True


@pytest.mark.parametrize(("on_delete", "expected"), [("retain", []), ("drop", ["DROP TABLE"])])
def test_a_table_is_dropped_only_with_on_delete_drop(
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


def test_a_renamed_pipe_is_created_before_the_old_one_is_dropped(resources: Deployed) -> None:
    new = landing()
    for resource in ("Pipe", "Refresh"):
        properties: dict[str, Any] = new["Resources"][resource]["Properties"]
        properties.update(name("PIPE_2") if resource == "Pipe" else {"Pipe": name("PIPE_2")})
    plan = planned(resources(landing(), new))
    assert kinds(plan) == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED", "CREATE PIPE", "DROP PIPE"]
    assert sql(plan)[-1] == 'DROP PIPE IF EXISTS "DB"."RAW"."PIPE"'


def test_objects_that_cloudformation_retains_are_not_dropped(resources: Deployed) -> None:
    old, new = landing(), landing()
    old["Resources"]["Refresh"]["DeletionPolicy"] = "Retain"
    del new["Resources"]["Refresh"]
    plan = planned(resources(old, new))
    assert plan.requests == []
    assert "kept by its DeletionPolicy" in text(plan)


def test_a_folder_that_is_not_an_assembly_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has no synthesized templates"):
        read_assembly(tmp_path, "local")


def test_what_cloudformation_would_refuse_is_shown_before_the_statements(resources: Deployed) -> None:
    new = landing()
    new["Resources"]["Stage"]["Properties"]["Comment"] = {"Fn::ImportValue": "another-lake"}
    plan = planned(resources(landing(), new))
    assert plan.refused
    assert f"XX CloudFormation would refuse {STACK}: there is no export another-lake" in text(plan)
    assert text(plan).index("XX CloudFormation") < text(plan).index("ALTER STAGE")
    assert len(as_json("local", plan, questions=False, notes=[])["stack_refusals"]) == 1


def test_another_environments_assembly_is_refused(tmp_path: Path) -> None:
    write_assembly(tmp_path, landing(), env="prod")
    with pytest.raises(
        CommandError, match="holds environment prod, not local; name that one with --env"
    ) as caught:
        read_assembly(tmp_path, "local")
    assert caught.value.exit_code == 2


def test_an_environment_in_the_context_is_refused() -> None:
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
