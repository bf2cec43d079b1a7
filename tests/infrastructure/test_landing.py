"""The landing in Snowflake: the right objects, in the right order, with one owner of the bucket's notifications."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import contract
from stacks.pipeline import build_pipeline
from tests.infrastructure.synthesis import Pipeline, cdk_app, pipeline_config

Synthesized = Callable[..., Pipeline]
Variant = Callable[[str], Pipeline]
KINDS = ("FileFormat", "Stage", "Table", "Pipe", "View", "PipeRefresh")


def custom(pipeline: Pipeline, kind: str) -> dict[str, Any]:
    return pipeline.properties("Landing", f"Custom::Snowflake{kind}")


def test_each_object_is_a_custom_resource_with_a_timeout(pipeline: Pipeline) -> None:
    function = pipeline.resources("Landing", "AWS::Lambda::Function")
    timeouts = [
        f["Properties"].get("Timeout", 3)
        for f in function.values()
        if "on_event" in f["Properties"]["Handler"]
    ]
    for kind in KINDS:
        assert int(custom(pipeline, kind)["ServiceTimeout"]) > max(timeouts)


def test_names_follow_the_config(variant: Variant) -> None:
    pipeline = variant("other values")
    name = {"Database": "LAKE", "Schema": "CLICKS"}
    assert custom(pipeline, "Table").items() >= {**name, "Name": "T"}.items()
    pipe = custom(pipeline, "Pipe")
    assert (
        pipe.items()
        >= {**name, "Name": "P", "Table": {**name, "Name": "T"}, "Stage": {**name, "Name": "S"}}.items()
    )


def test_columns_are_those_of_the_contract_and_of_the_rows_origin(pipeline: Pipeline) -> None:
    columns = [(column["Name"], column["Type"]) for column in custom(pipeline, "Table")["Columns"]]
    assert columns == [
        *((field.column, field.snowflake_type) for field in contract.load().fields),
        ("RECEIVED_AT", "TIMESTAMP_TZ"),
        ("LOADED_AT", "TIMESTAMP_LTZ"),
        ("SOURCE_FILE", "VARCHAR"),
        ("SOURCE_ROW", "NUMBER(38,0)"),
    ]
    assert custom(pipeline, "Pipe")["Metadata"] == [
        {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"},
        {"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"},
        {"Column": "SOURCE_ROW", "Source": "METADATA$FILE_ROW_NUMBER"},
    ]


@pytest.fixture(scope="module")
def grown(synthesized: Synthesized, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The pipeline of a contract with one more field."""
    schema = json.loads(contract.DEFAULT_PATH.read_text())
    schema["properties"]["campaign"] = {"type": "string", "description": "Where the visitor came from"}
    changed = tmp_path_factory.mktemp("contract") / "event.schema.json"
    changed.write_text(json.dumps(schema))
    return synthesized(contract=str(changed))


def test_a_field_added_to_the_contract_becomes_a_column(grown: Pipeline) -> None:
    column = {"Name": "CAMPAIGN", "Type": "VARCHAR", "Comment": "Where the visitor came from"}
    assert column in custom(grown, "Table")["Columns"]


def test_schema_evolution_is_off_unless_the_config_turns_it_on(pipeline: Pipeline, variant: Variant) -> None:
    assert custom(pipeline, "Table")["SchemaEvolution"] is False
    assert custom(variant("other values"), "Table")["SchemaEvolution"] is True


def test_pipe_depends_on_everything_it_uses(pipeline: Pipeline) -> None:
    needed = set(pipeline.resource("Landing", "Custom::SnowflakePipe")["DependsOn"])
    for kind in ("FileFormat", "Stage", "Table"):
        assert set(pipeline.resources("Landing", f"Custom::Snowflake{kind}")) <= needed


def test_view_shows_first_arrivals_and_follows_the_tables_columns(
    pipeline: Pipeline, grown: Pipeline
) -> None:
    view = custom(pipeline, "View")
    assert (view["Key"], view["TypeColumn"]) == ("EVENT_ID", "EVENT_TYPE")
    assert view["Order"] == ["LOADED_AT", "SOURCE_FILE", "SOURCE_ROW"]
    assert set(pipeline.resources("Landing", "Custom::SnowflakeTable")) <= set(
        pipeline.resource("Landing", "Custom::SnowflakeView")["DependsOn"]
    )
    for found in (pipeline, grown):
        table = custom(found, "Table")
        assert custom(found, "View")["Columns"] == [column["Name"] for column in table["Columns"]]


def test_a_dynamic_table_keeps_what_the_view_shows(variant: Callable[[str], Pipeline]) -> None:
    pipeline = variant("other values")
    kept, view = custom(pipeline, "DynamicTable"), custom(pipeline, "View")
    assert (kept["TargetLagMinutes"], kept["LateDays"], kept["Warehouse"]) == ("15", "3", "CLICKSTREAM_TEST")
    assert view["DynamicTable"] == {key: kept[key] for key in ("Database", "Schema", "Name")}
    assert view["Columns"] == kept["Columns"]
    assert "Table" not in view
    assert set(pipeline.resources("Landing", "Custom::SnowflakeDynamicTable")) <= set(
        pipeline.resource("Landing", "Custom::SnowflakeView")["DependsOn"]
    )


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("gate off", {"SESSIONS": "CLICK_EVENTS_DEDUPLICATED"}),
        (
            "no data, monitor off",
            {"SESSIONS": "CLICK_EVENTS_SESSIONS_TABLE", "SESSIONS_TABLE": "CLICK_EVENTS_DEDUPLICATED_TABLE"},
        ),
    ],
)
def test_sessions_are_kept_like_the_events(name: str, chain: dict[str, str], variant: Variant) -> None:
    found = {}
    for kind in ("View", "DynamicTable"):
        for resource in variant(name).resources("Landing", f"Custom::Snowflake{kind}").values():
            source = resource["Properties"].get("SessionsOf") or resource["Properties"].get("DynamicTable")
            if source and "SESSIONS" in resource["Properties"]["Name"]:
                found[resource["Properties"]["Name"].removeprefix("CLICK_EVENTS_")] = source["Name"]
    assert found == chain


def test_without_deduplication_there_is_no_view(variant: Callable[[str], Pipeline]) -> None:
    for kind in ("View", "DynamicTable"):
        assert variant("two access modes").resources("Landing", f"Custom::Snowflake{kind}") == {}


def test_stage_reads_the_lake_with_a_key_that_only_the_function_reads(pipeline: Pipeline) -> None:
    stage = custom(pipeline, "Stage")
    assert stage["Url"]["Fn::Join"][1][::2] == ["s3://", "/events/"]
    secret = stage["CredentialsSecretArn"]
    assert pipeline.type_referred("Landing", secret) == "AWS::SecretsManager::Secret"
    grants = [
        statement["Resource"]
        for policy in pipeline.resources("Landing", "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"]
    ]
    assert grants == [secret]


def test_the_bucket_notifies_the_pipe(pipeline: Pipeline) -> None:
    document = pipeline.properties("Landing", "Custom::S3BucketNotifications")["NotificationConfiguration"]
    (pipe,) = pipeline.resources("Landing", "Custom::SnowflakePipe")
    assert document == {
        "EventBridgeConfiguration": {},
        "QueueConfigurations": [
            {
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "events/"}]}},
                "QueueArn": {"Fn::GetAtt": [pipe, "NotificationChannel"]},
            }
        ],
    }


def test_the_buckets_notifications_have_one_owner(variant: Variant) -> None:
    """A bucket has one notification configuration: a second writer would silently stop loading."""
    for pipeline in (variant("dev"), variant("direct put")):
        writers = [
            (stack, name)
            for stack, template in pipeline.stacks.items()
            for name, resource in template["Resources"].items()
            if resource["Type"] == "Custom::S3BucketNotifications"
            or "NotificationConfiguration" in resource.get("Properties", {})
        ]
        assert len(writers) == 1


def test_the_refresh_runs_after_the_notifications_are_in_effect(pipeline: Pipeline) -> None:
    kinds = ("Custom::S3BucketNotifications", "Custom::S3NotificationDelay", "Custom::SnowflakePipeRefresh")
    for earlier, later in pairwise(kinds):
        needed = pipeline.resource("Landing", later)["DependsOn"]
        assert set(pipeline.resources("Landing", earlier)) <= set(needed)


@pytest.mark.parametrize("kind", ["S3NotificationDelay", "SnowflakePipeRefresh"])
def test_wait_and_refresh_are_repeated_for_another_folder_bucket_or_queue(
    pipeline: Pipeline, kind: str
) -> None:
    trigger = json.dumps(pipeline.properties("Landing", f"Custom::{kind}")["Trigger"])
    assert "/events/" in trigger
    assert "EventLakeBucket" in trigger
    assert "NotificationChannel" in trigger


def test_table_is_kept_unless_both_deletion_switches_are_on(synthesized: Synthesized) -> None:
    assert custom(synthesized(), "Table")["OnDelete"] == "retain"
    assert custom(synthesized(_context={"allow_data_loss": "true"}), "Table")["OnDelete"] == "drop"


def test_production_refuses_the_second_deletion_switch(tmp_path: Path) -> None:
    app = cdk_app(tmp_path, allow_data_loss="true")
    with pytest.raises(ValueError, match="production environment"):
        build_pipeline(app, pipeline_config(production=True))


def test_login_by_workload_identity_has_no_secret(pipeline: Pipeline) -> None:
    environment = landing_function(pipeline)["Environment"]["Variables"]
    assert environment["SNOWFLAKE_LOGIN"] == "workload_identity"
    assert "SNOWFLAKE_LOGIN_SECRET_ARN" not in environment
    role = landing_function(pipeline)["Role"]["Fn::GetAtt"][0]
    names = pipeline.stacks["Landing"]["Resources"][role]["Properties"]["RoleName"]
    assert names == "clickstream-test-snowflake-setup"


def test_login_by_key_pair_names_its_secret(variant: Variant) -> None:
    environment = landing_function(variant("key pair"))["Environment"]["Variables"]
    assert environment["SNOWFLAKE_LOGIN"] == "key_pair"
    assert ":secret:deploy" in json.dumps(environment["SNOWFLAKE_LOGIN_SECRET_ARN"])


def landing_function(pipeline: Pipeline) -> dict[str, Any]:
    (function,) = (
        function["Properties"]
        for function in pipeline.resources("Landing", "AWS::Lambda::Function").values()
        if function["Properties"]["Handler"] == "snowflake_setup.handler.on_event"
    )
    return dict(function)
