"""What wakes people, and the page they look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.infrastructure.conftest import Pipeline

Synthesized = Callable[..., Pipeline]


def test_delivery_success_alarm_watches_this_delivery_stream(synthesized: Synthesized) -> None:
    pipeline = synthesized(
        ops={
            "delivery_success_percent": 95,
            "period_minutes": 10,
            "datapoints_to_alarm": 2,
            "evaluation_periods": 4,
        }
    )
    alarm = pipeline.properties("Ops", "AWS::CloudWatch::Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Firehose", "DeliveryToS3.Success")
    (dimension,) = alarm["Dimensions"]
    assert dimension["Name"] == "DeliveryStreamName"
    assert dimension["Value"] == imported(pipeline, "AWS::KinesisFirehose::DeliveryStream")
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Statistic"]) == (
        "LessThanThreshold",
        0.95,
        "Average",
    )
    assert (alarm["Period"], alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (600, 2, 4)
    assert alarm["TreatMissingData"] == "notBreaching"


def imported(pipeline: Pipeline, resource_type: str) -> dict[str, Any]:
    """How the ops stack refers to the streaming stack's only resource of a type."""
    (logical_id,) = pipeline.resources("Streaming", resource_type)
    (name,) = (
        output["Export"]["Name"]
        for output in pipeline.stacks["Streaming"]["Outputs"].values()
        if output.get("Export") and output["Value"] == {"Ref": logical_id}
    )
    return {"Fn::ImportValue": name}


def test_alarm_and_recovery_reach_every_address(synthesized: Synthesized) -> None:
    emails = ["a@example.com", "b@example.com"]
    pipeline = synthesized(ops={"emails": emails})
    (topic,) = pipeline.resources("Ops", "AWS::SNS::Topic")
    alarm = pipeline.properties("Ops", "AWS::CloudWatch::Alarm")
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
    subscriptions = pipeline.resources("Ops", "AWS::SNS::Subscription").values()
    assert sorted(s["Properties"]["Endpoint"] for s in subscriptions) == emails
    assert {json.dumps(s["Properties"]["TopicArn"]) for s in subscriptions} == {json.dumps({"Ref": topic})}


def test_cloudwatch_may_use_the_topic_and_its_key(pipeline: Pipeline) -> None:
    """Without the key grant an alarm on an encrypted topic is silent."""
    key = pipeline.properties("Ops", "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    topic = pipeline.properties("Ops", "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    for document in (key, topic):
        assert {"Service": "cloudwatch.amazonaws.com"} in [statement["Principal"] for statement in document]


def test_dashboard_shows_flow_and_success_in_any_region(synthesized: Synthesized) -> None:
    for source, services in (("kinesis", {"AWS/Kinesis", "AWS/Firehose"}), ("direct_put", {"AWS/Firehose"})):
        pipeline = synthesized(streaming={"source": source})
        body = "".join(
            part if isinstance(part, str) else "\\u0000"
            for part in pipeline.properties("Ops", "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][
                1
            ]
        )
        widgets = json.loads(body)["widgets"]
        metrics = [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]
        assert {metric[0] for metric in metrics} == services
        assert {widget["type"] for widget in widgets} == {"metric", "alarm"}
        assert {"DeliveryToS3.Success", "DeliveryToS3.Records"} <= {metric[1] for metric in metrics}
