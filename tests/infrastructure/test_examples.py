"""The docs page of the constructs: it lists all of them, and its program makes a pipeline."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import assertions

import clickstream
from tests.infrastructure.examples import PAGE, PIPELINE
from tests.infrastructure.review import findings_in
from tests.infrastructure.synthesis import cdk_app, pipeline_config


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The resources of the documented pipeline, which passes the security review."""
    folder = tmp_path_factory.mktemp("documented")
    app = cdk_app(folder)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    exec(PIPELINE.replace("cdk.App()", "APP"), {"APP": app})  # noqa: S102 - our own example
    assert findings_in(folder, pipeline_config()) == frozenset()
    template = json.loads((folder / "Shop.template.json").read_text())
    return dict(template["Resources"])


def test_documented_pipeline_has_every_part(resources: dict[str, Any]) -> None:
    kinds = {resource["Type"] for resource in resources.values()}
    assert {"Custom::SnowflakeStage", "Custom::SnowflakeTable", "Custom::SnowflakePipe"} <= kinds
    assert {"AWS::KinesisFirehose::DeliveryStream", "Custom::S3BucketNotifications"} <= kinds
    assert {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::SNS::Subscription"} <= kinds


def test_documented_pipeline_retains_events_and_stores_no_key(resources: dict[str, Any]) -> None:
    buckets = [each for each in resources.values() if each["Type"] == "AWS::S3::Bucket"]
    assert {each["DeletionPolicy"] for each in buckets} == {"RetainExceptOnCreate"}
    (table,) = (each for each in resources.values() if each["Type"] == "Custom::SnowflakeTable")
    assert table["Properties"]["OnDelete"] == "retain"
    assert not [each for each in resources.values() if each["Type"] == "AWS::IAM::AccessKey"]


def test_lake_and_notifications_can_be_in_one_stack(resources: dict[str, Any]) -> None:
    """A template whose resources depend on each other in a circle cannot be deployed."""
    assertions.Template.from_json({"Resources": resources})


def test_every_construct_is_listed() -> None:
    assert [name for name in clickstream.__all__ if name not in PAGE] == []
