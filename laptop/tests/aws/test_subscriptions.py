"""Subscriptions in the running emulator: confirmation, and no delivery outside this machine."""

from __future__ import annotations

from typing import Any

from laptop.testing.aws import Emulator, unique
from laptop.testing.waiting import eventually


def template(protocol: str, endpoint: str, **topic: Any) -> dict[str, Any]:
    subscription = {"TopicArn": {"Ref": "Topic"}, "Protocol": protocol, "Endpoint": endpoint}
    return {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": topic},
        "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
    }


def counts(emulator: Emulator, topic: str) -> tuple[str, str]:
    """Confirmed and pending subscriptions."""
    found = emulator.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return found["SubscriptionsConfirmed"], found["SubscriptionsPending"]


def test_an_e_mail_subscription_of_a_template_is_pending(emulator: Emulator) -> None:
    stack = emulator.deploy(template("email", "oncall@example.com"))
    topic = emulator.physical_id(stack, "Topic")
    assert counts(emulator, topic) == ("0", "1")
    emulator.client("sns").publish(TopicArn=topic, Message="unread")


def test_an_e_mail_subscription_by_api_or_in_the_topic_is_pending(emulator: Emulator) -> None:
    inline = [{"Protocol": "email", "Endpoint": "first@example.com"}]
    stack = emulator.deploy(template("email", "second@example.com", Subscription=inline))
    topic = emulator.physical_id(stack, "Topic")
    answer = emulator.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="third@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"
    assert counts(emulator, topic) == ("0", "3")
    listed = emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert {one["SubscriptionArn"] for one in listed} == {"PendingConfirmation"}


def test_an_endpoint_elsewhere_is_never_called(emulator: Emulator) -> None:
    stack = emulator.deploy(template("https", "https://chat.invalid/hook"))
    topic = emulator.physical_id(stack, "Topic")
    assert counts(emulator, topic) == ("0", "1")
    endpoint = f"https://{unique('pager')}.invalid/hook"
    emulator.client("sns").subscribe(TopicArn=topic, Protocol="https", Endpoint=endpoint)
    eventually(lambda: f"SubscriptionConfirmation to {endpoint} failed" in emulator.log.read_text())
    assert "is not on this machine; nothing was sent" in emulator.log.read_text()


def test_an_endpoint_may_be_in_a_secret(emulator: Emulator) -> None:
    secret = unique("chat")
    emulator.client("secretsmanager").create_secret(Name=secret, SecretString="https://chat.invalid/secret")
    stack = emulator.deploy(template("https", "{{resolve:secretsmanager:" + secret + "}}"))
    topic = emulator.physical_id(stack, "Topic")
    (found,) = emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert found["Endpoint"] == "https://chat.invalid/secret"


def test_a_queue_needs_no_confirmation(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=unique("oncall"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack = emulator.deploy(template("sqs", arn))
    assert counts(emulator, emulator.physical_id(stack, "Topic")) == ("1", "0")
