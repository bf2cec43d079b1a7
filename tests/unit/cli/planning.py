"""Plans of deployments, with and without access to an account, for the tests of `clickstream plan`."""

from __future__ import annotations

from collections.abc import Callable

from cli.plan.planner import Plan, make_plan
from cli.plan.templates import Resources
from cli.plan.text import as_text
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.cli.assemblies import (
    BUCKET,
    Template,
    both_sides,
    landing,
    name,
)
from tests.unit.cli.deployments import account, deploy
from tests.unit.snowflake_setup.fakes import Bench

JSON, LAKE, CLICKS, PIPE = (ObjectName.of("DB", "RAW", of) for of in ("JSON", "LAKE", "CLICKS", "PIPE"))
Deployed = Callable[[Template | None, Template], Resources]


def planned(found: Resources, there: Bench | None = None) -> Plan:
    return make_plan(found, "acme", there.snowflake if there else None)


def sql(plan: Plan) -> list[str]:
    return [statement.sql() for request in plan.requests for statement in request.statements]


def kinds(plan: Plan) -> list[str]:
    """The kinds of the plan's statements, without its comments."""
    found = [statement.kind for request in plan.requests for statement in request.statements]
    return [kind for kind in found if not kind.endswith("SET COMMENT")]


def text(plan: Plan) -> str:
    return as_text("local", plan, questions=False, notes=[])


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
    stage |= {**name("LAKE_INTEGRATION"), "StorageIntegration": "LAKE_READER"}
    found["Pipe"]["Properties"]["Stage"] = name("LAKE_INTEGRATION")
    found["Stage"]["DependsOn"] = "Integration"
    found["View"] = {
        "Type": "Custom::SnowflakeView",
        "Properties": {
            **name("EACH_CLICK"),
            "Table": name("CLICKS"),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Columns": ["EVENT_ID", "SOURCE_FILE"],
            "Comment": "",
        },
        "DependsOn": ["Table"],
    }
    return template


def as_deployed(template: Template) -> Bench:
    """An account with the template deployed."""
    there = account()
    assert not [one.refused for one in deploy(both_sides(None, template), there) if one.refused]
    return there
