"""Schedules in the running emulator, whose minute lasts a second."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from laptop.testing.aws import (
    ROLE,
    Emulator,
    unique,
    zipped,
)
from laptop.testing.waiting import eventually

REPORT = """
import boto3, json, os, time
def handler(event, context):
    tell = boto3.client("sqs").send_message
    tell(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(["begins", event]))
    time.sleep(event.get("seconds", 0))
    tell(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(["ends", event]))
    if event.get("fails"):
        raise ValueError("on purpose")
"""


class Scheduled:
    """A function on a schedule that reports its invocations to a queue."""

    def __init__(self, emulator: Emulator, **constant: Any) -> None:
        self._sqs = emulator.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=unique("report"))["QueueUrl"]
        self.name = unique("scheduled")
        function = emulator.client("lambda").create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Role=ROLE,
            Handler="index.handler",
            Code={"ZipFile": zipped({"index.py": REPORT})},
            Environment={"Variables": {"QUEUE": self._queue}},
            Timeout=30,
        )
        events = emulator.client("events")
        events.put_rule(Name=self.name, ScheduleExpression="rate(1 minute)")
        target = {"Id": "function", "Arn": function["FunctionArn"]}
        if constant:
            target["Input"] = json.dumps(constant)
        events.put_targets(Rule=self.name, Targets=[target])
        self.told: list[tuple[str, dict[str, Any]]] = []

    def listen(self) -> Counter[str]:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.told.append(tuple(json.loads(message["Body"])))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return Counter(what for what, _ in self.told)


def test_a_rule_fires_every_minute_with_a_scheduled_event(emulator: Emulator) -> None:
    scheduled = Scheduled(emulator)
    eventually(lambda: scheduled.listen()["begins"] >= 3)
    events = [event for what, event in scheduled.told if what == "begins"]
    assert {(event["source"], event["detail-type"]) for event in events} == {
        ("aws.events", "Scheduled Event")
    }
    assert len({event["time"] for event in events}) == len(events)


def test_the_function_gets_a_constant_input(emulator: Emulator) -> None:
    scheduled = Scheduled(emulator, job="status")
    eventually(lambda: scheduled.listen()["ends"])
    assert scheduled.told[0] == ("begins", {"job": "status"})


def test_a_rule_of_a_template_invokes_a_function_with_permission(emulator: Emulator) -> None:
    queue = emulator.client("sqs").create_queue(QueueName=unique("report"))["QueueUrl"]
    function = {
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": REPORT},
        "Environment": {"Variables": {"QUEUE": queue}},
    }
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "Function"},
        "Principal": "events.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
    }
    target = {"Id": "Target0", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Input": '{"job":"history"}'}
    rule = {"ScheduleExpression": "rate(1 minute)", "State": "ENABLED", "Targets": [target]}
    stack = emulator.deploy(
        {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }
    )

    def told() -> list[str]:
        answer = emulator.client("sqs").receive_message(QueueUrl=queue)
        return [message["Body"] for message in answer.get("Messages", [])]

    assert json.loads(eventually(told)[0]) == ["begins", {"job": "history"}]
    assert emulator.delete(stack) == "DELETE_COMPLETE"


def test_a_slow_function_does_not_run_concurrently(emulator: Emulator) -> None:
    slow, quick = Scheduled(emulator, seconds=3), Scheduled(emulator)
    eventually(lambda: slow.listen()["begins"] >= 2)
    # Other functions are not delayed.
    assert quick.listen()["begins"] >= 2
    running = 0
    for what, _ in slow.told:
        running += 1 if what == "begins" else -1
        assert running <= 1


def test_scheduled_invocations_are_measured(emulator: Emulator) -> None:
    scheduled = Scheduled(emulator, fails=True)
    eventually(lambda: scheduled.listen()["begins"] >= 2)

    def total(name: str) -> float:
        cloudwatch = emulator.client("cloudwatch")
        answer = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": scheduled.name}],
            StartTime=0,
            EndTime=4_000_000_000,
            Period=3600,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in answer["Datapoints"]))

    eventually(lambda: total("Errors") >= 2)
    assert total("Errors") <= total("Invocations") <= scheduled.listen()["begins"]
    assert total("Throttles") == 0
    assert total("Duration") > 0


def test_a_disabled_rule_does_not_fire(emulator: Emulator) -> None:
    scheduled, other = Scheduled(emulator), Scheduled(emulator)
    emulator.client("events").disable_rule(Name=scheduled.name)
    eventually(lambda: other.listen()["begins"] >= 2)
    assert scheduled.listen()["begins"] <= 1
