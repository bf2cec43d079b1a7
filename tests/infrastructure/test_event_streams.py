"""A second kind of event: a few lines of config give it its own resources from the stream to the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.model import PipelineConfig
from tests.infrastructure.synthesis import Pipeline, pipeline_config
from tests.infrastructure.variants import ORDERS

Synthesized = Callable[..., Pipeline]


@pytest.fixture(scope="module")
def pipeline(synthesized: Synthesized) -> Pipeline:
    return synthesized(more_events=[ORDERS])


def test_each_kind_of_event_has_its_own_streams(pipeline: Pipeline) -> None:
    streams = pipeline.resources("Streaming", "AWS::Kinesis::Stream").values()
    assert sorted(stream["Properties"]["Name"] for stream in streams) == [
        "clickstream-test-events",
        "clickstream-test-orders",
    ]
    deliveries = pipeline.resources("Streaming", "AWS::KinesisFirehose::DeliveryStream").values()
    prefixes = {
        d["Properties"]["DeliveryStreamName"]: (
            d["Properties"]["ExtendedS3DestinationConfiguration"]["Prefix"].split("dt=")[0],
            d["Properties"]["ExtendedS3DestinationConfiguration"]["ErrorOutputPrefix"].split("!")[0],
        )
        for d in deliveries
    }
    assert prefixes == {
        "clickstream-test-to-lake": ("events/", "errors/clicks/"),
        "clickstream-test-orders-to-lake": ("orders/", "errors/orders/"),
    }


def test_a_kinds_composite_alarm_holds_its_critical_ones(synthesized: Synthesized) -> None:
    """CloudWatch allows 10,240 characters in a rule and 255 in a name; these names have the maximum length."""
    longest = {**ORDERS, "name": "a" * 17}
    pipeline = synthesized(
        name="n" * 21, env="s" * 16, more_events=[longest], ops={"alarms": {"no_data_minutes": 60}}
    )
    composites = pipeline.resources("Ops", "AWS::CloudWatch::CompositeAlarm").values()
    alarms = pipeline.resources("Ops", "AWS::CloudWatch::Alarm")
    for kind, composite in zip(("clicks", longest["name"]), composites, strict=True):
        properties = composite["Properties"]
        assert len(properties["AlarmName"]) <= 255
        parts = properties["AlarmRule"]["Fn::Join"][1]
        named = [
            alarms[part["Fn::GetAtt"][0]]["Properties"]["AlarmName"]
            for part in parts
            if isinstance(part, dict)
        ]
        assert all(f"-{kind}-" in name for name in named)
        region = "arn:aws:cloudwatch:ap-southeast-1:111122223333:alarm:"
        written = sum(len(part) for part in parts if isinstance(part, str))
        assert written + sum(len(region + name) for name in named) <= 10_240


def test_each_kind_of_event_has_a_table_by_its_contract(pipeline: Pipeline) -> None:
    tables = {
        resource["Properties"]["Name"]: [column["Name"] for column in resource["Properties"]["Columns"]]
        for resource in pipeline.resources("Landing", "Custom::SnowflakeTable").values()
    }
    assert set(tables) == {"CLICK_EVENTS", "ORDER_EVENTS"}
    assert tables["ORDER_EVENTS"][:3] == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP"]


def test_one_notification_document_serves_all_pipes(pipeline: Pipeline) -> None:
    document = pipeline.properties("Landing", "Custom::S3BucketNotifications")["NotificationConfiguration"]
    announced = {
        rule["Filter"]["Key"]["FilterRules"][0]["Value"]: rule["QueueArn"]["Fn::GetAtt"][0]
        for rule in document["QueueConfigurations"]
    }
    assert set(announced) == {"events/", "orders/"}
    assert set(announced.values()) == set(pipeline.resources("Landing", "Custom::SnowflakePipe"))


def test_the_snowpipe_user_may_read_both_folders_and_nothing_else(pipeline: Pipeline) -> None:
    policy = pipeline.properties("Access", "AWS::IAM::ManagedPolicy")["PolicyDocument"]
    read, listing, _ = policy["Statement"]
    assert [resource["Fn::Join"][1][1] for resource in read["Resource"]] == ["/events/*", "/orders/*"]
    prefixes = listing["Condition"]["StringLike"]["s3:prefix"]
    assert prefixes == ["events/", "events/*", "orders/", "orders/*"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "clicks"}, "name must be unique: 'clicks' is used twice"),
        ({"table": "click_events"}, "table must be unique"),
        ({"data_prefix": "events/orders/"}, "must be siblings"),
        ({"data_prefix": "errors/orders/"}, "must be siblings"),
    ],
)
def test_kinds_of_event_must_not_overlap(change: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pipeline_config(more_events=[{**ORDERS, **change}])


def test_a_kind_is_found_by_name() -> None:
    config: PipelineConfig = pipeline_config(more_events=[ORDERS])
    assert config.event_stream("orders").table == "ORDER_EVENTS"
    with pytest.raises(ValueError, match="it has clicks, orders"):
        config.event_stream("carts")
