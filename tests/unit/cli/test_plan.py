"""What a deployment would send, rehearsed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.commands.plan import plan as plan_command
from cli.output import CommandError
from cli.plan.drift import drift_of
from cli.plan.rehearsal import Account, rehearsal
from cli.plan.steps import Plan, Planner, Step
from cli.plan.templates import Resources, collect, read_assembly
from cli.plan.text import as_json, as_text
from snowflake_setup.session.errors import ObjectMissingError, WarehouseNeededError
from snowflake_setup.session.tools import Row
from snowflake_setup.sql.base import Statement
from tests.unit.cli.assemblies import BUCKET, FakeCloudFormation, Template, landing, name, write_assembly
from tests.unit.snowflake_setup.events import send
from tests.unit.snowflake_setup.fakes import bench

Deployed = Callable[[Template | None, Template], Resources]


@pytest.fixture
def resources(tmp_path: Path) -> Deployed:
    """Both sides of a deployment of `new` over `old`."""

    def both(old: Template | None, new: Template) -> Resources:
        stacks = read_assembly(write_assembly(tmp_path / "cdk.out", new), "local")
        return collect(stacks, FakeCloudFormation(old))  # type: ignore[arg-type]

    return both


def planned(found: Resources, account: Account | None = None) -> Plan:
    with rehearsal("acme") as (warehouse, tools, log):
        planner = Planner(warehouse, tools, log)
        assert planner.recall(found.deployed) == {}
        warehouse.account = account
        return planner.plan(found)


def sql(plan: Plan) -> list[str]:
    return [statement.sql() for step in plan.steps for statement in step.statements]


def kinds(plan: Plan) -> list[str]:
    """What is done, without the comments that say so."""
    found = [statement.kind for step in plan.steps for statement in step.statements]
    return [kind for kind in found if not kind.endswith("SET COMMENT")]


def text(plan: Plan) -> str:
    return as_text("local", plan, questions=False, remarks=[], drift=None)


def test_a_first_deployment_makes_everything_after_what_it_needs(resources: Deployed) -> None:
    plan = planned(resources(None, landing()))
    assert sorted(kinds(plan)[:3]) == ["CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE"]
    assert kinds(plan)[3:] == ["CREATE PIPE"]
    assert plan.steps[-1].resource.logical_id == "Refresh"
    assert "known at deployment only" in " ".join(plan.steps[-1].at_run_time)


def test_the_statements_are_the_lambdas_own(resources: Deployed) -> None:
    """The same properties, sent to the Lambda's code against another fake of Snowflake, give the same text."""
    found = resources(None, landing())
    plan = planned(found)
    lambdas = bench()
    lambdas.secrets.secrets["arn:aws:secretsmanager:secret:key"] = {
        "aws_access_key_id": "***",
        "aws_secret_access_key": "***",
    }
    sent = []
    for resource in found.wanted:
        send(lambdas, "Create", resource.type.removeprefix("Custom::Snowflake"), resource.properties)
        sent += [s.sql() for s in lambdas.snowflake.sent if s.kind.startswith("CREATE")]
    assert sql(plan) == sent


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
            "RoleArn": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/reader"},
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


def test_what_was_deployed_with_view_and_integration_has_no_drift(resources: Deployed) -> None:
    assert drifted(resources(by_role(), by_role()), {}) == []


def test_live_adopts_a_stage_that_somebody_made(resources: Deployed) -> None:
    account = TwinAccount({}, missing)
    account.answers["DESC STAGE"] = [{"property": "URL", "property_value": '["s3://the-lake/events/"]'}]
    plan = planned(resources(None, landing()), account)
    assert "ALTER STAGE" in kinds(plan)
    assert "CREATE STAGE" not in kinds(plan)
    assert "CREATE TABLE" in kinds(plan)


def missing(statement: Statement) -> list[Row]:
    raise ObjectMissingError(f"{statement.kind} {statement.name}: does not exist", code=2003)


def drifted(found: Resources, answers: dict[str, list[Row] | None]) -> list[tuple[str, str]]:
    """Drift against an account that is as deployed, but for `answers`."""
    with rehearsal("acme") as (warehouse, tools, log):
        assert Planner(warehouse, tools, log).recall(found.deployed) == {}
        account = TwinAccount(answers, warehouse.execute)
        drift = [drift for resource in found.deployed for drift in drift_of(resource, tools, account)]
    return [(one.object, one.what) for one in drift]


def test_without_a_deployment_a_bucket_without_a_name_gets_a_placeholder(tmp_path: Path) -> None:
    found = collect(read_assembly(write_assembly(tmp_path, landing()), "local"), None)
    assert "s3://known-after-deploy.lake/events/" in "\n".join(sql(planned(found)))
    assert "known-after-deploy.lake" in found.unknown


def test_equal_properties_are_left_untouched_whatever_their_spelling(resources: Deployed) -> None:
    """CloudFormation keeps scalars as strings; a template has booleans and numbers."""
    new = landing()
    new["Resources"]["Stage"]["Properties"]["CredentialsSerial"] = "0"
    plan = planned(resources(landing(), new))
    assert plan.steps == []
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
    assert as_json("local", plan, questions=False, remarks=[], drift=None)["would_fail"] is True


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
    assert plan.steps == []
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
        json.dumps(as_json("local", planned(resources(old, new)), questions=False, remarks=[], drift=[]))
    )
    (statement,) = [s for step in document["steps"] for s in step["statements"]]
    assert statement["sql"] == 'DROP PIPE IF EXISTS "DB"."RAW"."PIPE"'
    assert statement["mark"] == "loses history"


class TwinAccount:
    """An account that is as deployed, but for what a test changes; fails the test if it is asked to change."""

    def __init__(self, answers: dict[str, Any], rows: Callable[[Statement], list[Row]]) -> None:
        self.answers = answers
        self.rows = rows

    def ask(self, statement: Statement) -> list[Row]:
        assert statement.kind.startswith(("DESC", "SHOW", "SELECT", "LIST"))
        if statement.kind not in self.answers:
            return self.rows(statement)
        found = self.answers[statement.kind]
        if isinstance(found, Exception):
            raise found
        return missing(statement) if found is None else found


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, []),
        (
            {"DESC FILE FORMAT": [{"property": "TYPE", "property_value": "JSON"}]},
            [
                ('"DB"."RAW"."JSON"', "COMPRESSION"),
                ('"DB"."RAW"."JSON"', "STRIP_OUTER_ARRAY"),
            ],
        ),
        ({"DESC PIPE": None}, [('"DB"."RAW"."PIPE"', "existence")]),
        (
            {"DESC TABLE": [{"name": "EVENT_ID", "type": "VARCHAR(16777216)", "comment": None}]},
            [('"DB"."RAW"."CLICKS"', "column SCROLL_DEPTH"), ('"DB"."RAW"."CLICKS"', "column SOURCE_FILE")],
        ),
    ],
)
def test_drift_names_object_and_property(
    resources: Deployed, answers: dict[str, list[Row] | None], expected: list[tuple[str, str]]
) -> None:
    assert drifted(resources(landing(), landing()), answers) == expected


REPLACED = {"OnError": "SKIP_FILE"}


def replaced_live(resources: Deployed, answers: dict[str, Any]) -> Plan:
    """The plan for a new pipe over a table that gets a comment, with an account that is as deployed otherwise."""
    new = landing()
    new["Resources"]["Pipe"]["Properties"].update(REPLACED)
    new["Resources"]["Table"]["Properties"]["Comment"] = "ours"
    found = resources(landing(), new)
    with rehearsal("acme") as (warehouse, tools, log), rehearsal("acme") as real:
        planner = Planner(warehouse, tools, log)
        planner.recall(found.deployed)
        Planner(*real).recall(found.deployed)
        warehouse.account = TwinAccount(answers, real[0].execute)
        return planner.plan(found)


def live_answers() -> dict[str, Any]:
    today = datetime.now(UTC)
    return {
        "LIST": [
            {"name": "s3://the-lake/events/a.gz", "last_modified": today},
            {"name": "s3://the-lake/events/b.gz", "last_modified": today - timedelta(hours=1)},
            {"name": "s3://the-lake/events/c.gz", "last_modified": today - timedelta(hours=2)},
        ],
        "SELECT DISTINCT files": [{"file_name": "events/c.gz"}],
        "SELECT COPY_HISTORY": [
            {"stage_location": "s3://the-lake/events/", "file_name": "a.gz", "status": "Loaded"}
        ],
        "SHOW GRANTS ON PIPE": [
            {"privilege": "MONITOR", "granted_to": "ROLE", "grantee_name": "OPS", "grant_option": "false"}
        ],
    }


def replacing(plan: Plan) -> Step:
    (step,) = [step for step in plan.steps if step.resource.logical_id == "Pipe"]
    return step


def test_live_finds_the_files_and_grants_that_the_offline_plan_cannot_know(resources: Deployed) -> None:
    step = replacing(replaced_live(resources, live_answers()))
    sent = [statement.sql() for statement in step.statements]
    assert 'GRANT MONITOR ON PIPE "DB"."RAW"."PIPE" TO ROLE "OPS"' in sent
    assert [text for text in sent if "REFRESH" in text] == [
        'ALTER PIPE "DB"."RAW"."PIPE" REFRESH PREFIX = \'b.gz\''
    ]
    assert step.at_run_time == []


def test_live_without_a_warehouse_does_not_guess_the_files(resources: Deployed) -> None:
    """Without the history, every file would look as if nobody had loaded it."""
    answers = live_answers()
    answers["SELECT COPY_HISTORY"] = WarehouseNeededError("no active warehouse", code=606)
    step = replacing(replaced_live(resources, answers))
    assert not any("REFRESH" in statement.sql() for statement in step.statements)
    assert any("REFRESH" in told for told in step.at_run_time)
