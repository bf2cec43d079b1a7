"""Alarm topics: their subscribers, encryption and policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.synthesis import Pipeline

Variant = Callable[[str], Pipeline]


def subscriptions(pipeline: Pipeline) -> dict[str, set[tuple[str, str]]]:
    """Protocol and endpoint by the topic's severity."""
    told: dict[str, set[tuple[str, str]]] = {"Critical": set(), "Warning": set()}
    for subscription in pipeline.resources("Ops", "AWS::SNS::Subscription").values():
        properties: dict[str, Any] = subscription["Properties"]
        (severity,) = (name for name in told if name in properties["TopicArn"]["Ref"])
        told[severity].add((properties["Protocol"], properties["Endpoint"]))
    return told


def test_each_severity_has_its_recipients(variant: Variant) -> None:
    assert subscriptions(variant("many recipients")) == {
        "Critical": {
            ("email", "a@example.com"),
            ("email", "b@example.com"),
            # CloudFormation resolves it at deployment; no template contains the address.
            ("https", "{{resolve:secretsmanager:pager-url}}"),
        },
        "Warning": {("https", "https://pager.example.com/warnings")},
    }


def test_subscribers_are_told_of_alarms_and_their_end_but_not_that_a_new_alarm_is_ok(
    variant: Variant,
) -> None:
    for subscription in variant("many recipients").resources("Ops", "AWS::SNS::Subscription").values():
        assert subscription["Properties"]["FilterPolicyScope"] == "MessageBody"
        assert subscription["Properties"]["FilterPolicy"] == {
            "$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]
        }


def test_subscribers_are_optional(variant: Variant) -> None:
    assert subscriptions(variant("dev")) == {"Critical": set(), "Warning": set()}


def test_both_topics_are_encrypted_with_one_key(pipeline: Pipeline) -> None:
    topics = pipeline.resources("Ops", "AWS::SNS::Topic").values()
    keys = [topic["Properties"]["KmsMasterKeyId"] for topic in topics]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert pipeline.type_referred("Ops", keys[0]) == "AWS::KMS::Key"


def test_cloudwatch_of_this_account_may_use_key_and_topics(pipeline: Pipeline) -> None:
    """Without the key grant an alarm on an encrypted topic is silent."""
    documents = [pipeline.properties("Ops", "AWS::KMS::Key")["KeyPolicy"]]
    policies = pipeline.resources("Ops", "AWS::SNS::TopicPolicy").values()
    documents += [policy["Properties"]["PolicyDocument"] for policy in policies]
    assert len(documents) == 3
    for document, action in zip(
        documents, ("kms:GenerateDataKey*", "sns:Publish", "sns:Publish"), strict=True
    ):
        allowed = [
            statement
            for statement in document["Statement"]
            if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            and action in statement["Action"]
        ]
        assert [statement["Condition"] for statement in allowed] == [
            {"StringEquals": {"aws:SourceAccount": "111122223333"}}
        ]


@pytest.mark.parametrize("severity", ["Critical", "Warning"])
def test_topic_arns_are_exported(severity: str, pipeline: Pipeline) -> None:
    output = pipeline.stacks["Ops"]["Outputs"][f"{severity}TopicArn"]
    assert pipeline.type_referred("Ops", output["Value"]) == "AWS::SNS::Topic"
