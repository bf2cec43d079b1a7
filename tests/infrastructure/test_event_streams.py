"""A second kind of event: a few lines of config, and everything of its own from the stream to the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.config import PipelineConfig
from tests.infrastructure.conftest import Pipeline, pipeline_config

Synthesized = Callable[..., Pipeline]


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("contract") / "order_event.schema.json"
    fields = {"event_id": {"type": "string"}, "event_type": {"type": "string"}, "total": {"type": "number"}}
    path.write_text(json.dumps({"title": "Order", "type": "object", "properties": fields}))
    return {"name": "orders", "contract": str(path), "data_prefix": "orders/", "table": "order_events"}


@pytest.fixture(scope="module")
def pipeline(synthesized: Synthesized, orders: dict[str, Any]) -> Pipeline:
    return synthesized(more_events=[orders])


def test_each_kind_has_streams_of_its_own(pipeline: Pipeline) -> None:
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
        "clickstream-test-to-lake": ("events/", "errors/"),
        "clickstream-test-orders-to-lake": ("orders/", "errors/orders/"),
    }


def test_each_kind_has_a_table_by_its_contract(pipeline: Pipeline) -> None:
    tables = {
        resource["Properties"]["Name"]: [column["Name"] for column in resource["Properties"]["Columns"]]
        for resource in pipeline.resources("Landing", "Custom::SnowflakeTable").values()
    }
    assert set(tables) == {"CLICK_EVENTS", "ORDER_EVENTS"}
    assert tables["ORDER_EVENTS"][:3] == ["EVENT_ID", "EVENT_TYPE", "TOTAL"]


def test_one_document_announces_each_folder_to_its_pipe(pipeline: Pipeline) -> None:
    document = pipeline.properties("Landing", "Custom::S3BucketNotifications")["NotificationConfiguration"]
    announced = {
        rule["Filter"]["Key"]["FilterRules"][0]["Value"]: rule["QueueArn"]["Fn::GetAtt"][0]
        for rule in document["QueueConfigurations"]
    }
    assert set(announced) == {"events/", "orders/"}
    assert set(announced.values()) == set(pipeline.resources("Landing", "Custom::SnowflakePipe"))


def test_the_reader_may_read_both_folders_and_nothing_else(pipeline: Pipeline) -> None:
    policy = pipeline.properties("Access", "AWS::IAM::ManagedPolicy")["PolicyDocument"]
    read, listing, _ = policy["Statement"]
    assert [resource["Fn::Join"][1][1] for resource in read["Resource"]] == ["/events/*", "/orders/*"]
    prefixes = listing["Condition"]["StringLike"]["s3:prefix"]
    assert prefixes == ["events/", "events/*", "orders/", "orders/*"]


def test_each_delivery_has_its_alarm(pipeline: Pipeline) -> None:
    alarms = pipeline.resources("Ops", "AWS::CloudWatch::Alarm").values()
    watched = {json.dumps(alarm["Properties"]["Dimensions"]) for alarm in alarms}
    assert len(watched) == len(alarms) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "clicks"}, "name must differ"),
        ({"table": "click_events"}, "table must differ"),
        ({"data_prefix": "events/orders/"}, "must be siblings"),
        ({"data_prefix": "errors/orders/"}, "must be siblings"),
    ],
)
def test_kinds_of_event_must_keep_apart(orders: dict[str, Any], change: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pipeline_config(more_events=[{**orders, **change}])


def test_a_kind_is_found_by_name(orders: dict[str, Any]) -> None:
    config: PipelineConfig = pipeline_config(more_events=[orders])
    assert config.event_stream("orders").table == "ORDER_EVENTS"
    with pytest.raises(ValueError, match="it has clicks, orders"):
        config.event_stream("carts")
