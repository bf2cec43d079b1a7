"""Recipients of alarms who have not confirmed: pending, or with a request that has expired."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from cli.deployment import Deployment
from cli.output import CommandError
from cli.recipients import unconfirmed
from config.model import PipelineConfig
from tests.infrastructure.synthesis import pipeline_config

TOPIC = "arn:aws:sns:eu-west-1:111122223333:{}"
CONFIRMED = TOPIC.format("x") + ":5be8f5b9-6f0f-4e4e-8f5b-1"


@dataclass
class There:
    """A deployment whose topics have these subscriptions: protocol, endpoint, ARN."""

    config: PipelineConfig
    critical: list[tuple[str, str, str]] = field(default_factory=list)
    deployed: bool = True

    def outputs(self, stack_id: str) -> dict[str, str] | None:
        severities = ("Critical", "Warning")
        return {f"{one}TopicArn": TOPIC.format(one) for one in severities} if self.deployed else None

    def client(self, service: str) -> Any:
        answers = {TOPIC.format("Critical"): self.critical, TOPIC.format("Warning"): []}

        def paginate(TopicArn: str) -> list[Any]:  # noqa: N803
            keys = ("Protocol", "Endpoint", "SubscriptionArn")
            return [{"Subscriptions": [dict(zip(keys, each, strict=True))]} for each in answers[TopicArn]]

        return SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=paginate))


def told(there: There) -> list[tuple[str, ...]]:
    return [tuple(cast("dict[str, str]", each).values()) for each in unconfirmed(cast("Deployment", there))]


def config(**critical: Any) -> PipelineConfig:
    return pipeline_config(ops={"critical": critical})


def test_pending_subscriptions_are_listed_without_the_secret_part_of_an_address() -> None:
    subscriptions = [
        ("email", "a@acme.io", "PendingConfirmation"),
        ("email", "b@acme.io", CONFIRMED),
        ("https", "https://events.pagerduty.com/integration/SECRET/enqueue", "PendingConfirmation"),
    ]
    assert told(There(config(emails=["a@acme.io", "b@acme.io"]), subscriptions)) == [
        ("critical", "email", "a@acme.io"),
        ("critical", "https", "https://events.pagerduty.com/…"),
    ]


def test_recipients_of_the_config_without_a_subscription_are_listed() -> None:
    """AWS deletes a subscription that is not confirmed within 48 hours."""
    wanted = config(emails=["a@acme.io"], https_endpoint="{{resolve:secretsmanager:pager}}")
    assert told(There(wanted)) == [
        ("critical", "email", "a@acme.io"),
        ("critical", "https", "{{resolve:secretsmanager:pager}}"),
    ]


def test_confirmed_recipients_and_others_are_not() -> None:
    subscriptions = [
        ("email", "a@acme.io", CONFIRMED),
        ("https", "https://events.pagerduty.com/x", CONFIRMED),
        ("lambda", "arn:aws:lambda:eu-west-1:111122223333:function:f", CONFIRMED),
    ]
    wanted = config(emails=["a@acme.io"], https_endpoint="{{resolve:secretsmanager:pager}}")
    assert told(There(wanted, subscriptions)) == []
    assert told(There(wanted, deployed=False)) == []


def test_a_refused_query_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    sns = boto3.client("sns", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    there = There(config())
    monkeypatch.setattr(there, "client", lambda _: sns)
    stub = Stubber(sns)
    stub.add_client_error("list_subscriptions_by_topic", "AuthorizationError")
    with (
        stub,
        pytest.raises(CommandError, match=r"cannot query the subscriptions of alarms: .*AuthorizationError"),
    ):
        unconfirmed(cast("Deployment", there))
