"""Alarms in the running emulator: evaluation and notifications."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from laptop.testing.aws import ACCOUNT, Emulator, unique
from laptop.testing.waiting import eventually

NAMESPACE = "Clickstream"
PERIOD = 10


@pytest.fixture
def metric() -> str:
    return unique("Metric")


def publish(
    emulator: Emulator, metric: str, value: float, *, periods_ago: int = 1, kind: str = "clicks"
) -> None:
    """Put a value into the middle of a complete period."""
    middle = (time.time() // PERIOD - periods_ago + 0.5) * PERIOD
    datum = {"MetricName": metric, "Value": value, "Timestamp": middle, "Dimensions": dimensions(kind)}
    emulator.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def dimensions(kind: str = "clicks") -> list[dict[str, str]]:
    return [{"Name": "Deployment", "Value": "test"}, {"Name": "Events", "Value": kind}]


def alarm(emulator: Emulator, metric: str, **changes: Any) -> str:
    """An alarm that fires at the first value above 5."""
    name = unique("alarm")
    definition: dict[str, Any] = {
        "Namespace": NAMESPACE,
        "MetricName": metric,
        "Dimensions": dimensions(),
        "Statistic": "Maximum",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changes,
    }
    if "Metrics" in changes:
        for member in ("Namespace", "MetricName", "Dimensions", "Statistic", "Period"):
            del definition[member]
    emulator.client("cloudwatch").put_metric_alarm(AlarmName=name, **definition)
    return name


def state(emulator: Emulator, name: str) -> str:
    found = emulator.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (described,) = found["MetricAlarms"] + found["CompositeAlarms"]
    return str(described["StateValue"])


def becomes(emulator: Emulator, name: str, wanted: str) -> None:
    eventually(lambda: state(emulator, name) == wanted)


class Subscriber:
    """A queue subscribed to an encrypted topic."""

    def __init__(self, emulator: Emulator) -> None:
        key = emulator.client("kms").create_key()["KeyMetadata"]["KeyId"]
        self._sqs = emulator.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=unique("oncall"))["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        queue_arn = arn["Attributes"]["QueueArn"]
        sns = emulator.client("sns")
        self.topic = sns.create_topic(Name=unique("critical"), Attributes={"KmsMasterKeyId": key})["TopicArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue_arn)
        self.heard: list[tuple[str, str]] = []

    def listen(self) -> list[tuple[str, str]]:
        """Alarm and state of all notifications so far."""
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            notice = json.loads(json.loads(message["Body"])["Message"])
            self.heard.append((notice["AlarmName"], notice["NewStateValue"]))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return self.heard


def test_alarm_and_ok_notifications_reach_a_queue_through_an_encrypted_topic(
    emulator: Emulator, metric: str
) -> None:
    oncall = Subscriber(emulator)
    publish(emulator, metric, 9, periods_ago=2)
    name = alarm(emulator, metric, AlarmActions=[oncall.topic], OKActions=[oncall.topic])
    eventually(lambda: (name, "ALARM") in oncall.listen())
    publish(emulator, metric, 1)
    eventually(lambda: (name, "OK") in oncall.listen())
    assert oncall.heard == [(name, "ALARM"), (name, "OK")]
    history = emulator.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    summaries = {item["HistorySummary"] for item in history}
    assert {"Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm updated from ALARM to OK"} <= summaries
    assert f"Successfully executed action {oncall.topic}" in summaries


def test_only_the_metric_with_exactly_the_same_dimensions_counts(emulator: Emulator, metric: str) -> None:
    publish(emulator, metric, 9, kind="orders")
    clicks, orders = alarm(emulator, metric), alarm(emulator, metric, Dimensions=dimensions("orders"))
    becomes(emulator, orders, "ALARM")
    becomes(emulator, clicks, "OK")


def test_an_unfinished_period_does_not_count(emulator: Emulator, metric: str) -> None:
    eventually(lambda: time.time() % PERIOD < PERIOD / 2)
    publish(emulator, metric, 1)
    publish(emulator, metric, 9, periods_ago=0)
    name = alarm(emulator, metric)
    becomes(emulator, name, "OK")
    becomes(emulator, name, "ALARM")


def test_m_of_n_datapoints_trigger_an_alarm(emulator: Emulator, metric: str) -> None:
    name = alarm(emulator, metric, EvaluationPeriods=5, DatapointsToAlarm=2)
    for ago in (5, 4, 3):
        publish(emulator, metric, 9 if ago == 4 else 1, periods_ago=ago)
    becomes(emulator, name, "OK")
    publish(emulator, metric, 9, periods_ago=2)
    becomes(emulator, name, "ALARM")


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA")],
)
def test_without_data_the_treatment_of_missing_data_decides(
    emulator: Emulator, metric: str, missing: str, expected: str
) -> None:
    name = alarm(emulator, metric, TreatMissingData=missing)
    emulator.client("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="OK" if expected != "OK" else "ALARM", StateReason="to be corrected"
    )
    becomes(emulator, name, expected)


def query(identifier: str, metric: str, kind: str) -> dict[str, Any]:
    named = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions(kind)}
    stat = {"Metric": named, "Period": PERIOD, "Stat": "Sum"}
    return {"Id": identifier, "MetricStat": stat, "ReturnData": False}


def test_an_alarm_can_use_an_expression(emulator: Emulator, metric: str) -> None:
    share = {"Id": "share", "Expression": "100 * used / 10 / limit", "ReturnData": True}
    queries = [share, query("used", metric, "used"), query("limit", metric, "limit")]
    publish(emulator, metric, 80, kind="used")
    publish(emulator, metric, 10, kind="limit")
    near, far = (alarm(emulator, metric, Metrics=queries, Threshold=threshold) for threshold in (79, 81))
    becomes(emulator, near, "ALARM")
    becomes(emulator, far, "OK")


def test_an_unsupported_expression_is_refused_when_the_alarm_is_created(
    emulator: Emulator, metric: str
) -> None:
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(used)", "ReturnData": True}
    with pytest.raises(ClientError, match="ANOMALY_DETECTION_BAND"):
        alarm(emulator, metric, Metrics=[band, query("used", metric, "used")])


def test_a_composite_alarm_follows_its_children_from_its_creation_on(emulator: Emulator, metric: str) -> None:
    oncall, cloudwatch = Subscriber(emulator), emulator.client("cloudwatch")
    publish(emulator, metric, 9, periods_ago=2)
    child, name = alarm(emulator, metric), unique("unhealthy")
    becomes(emulator, child, "ALARM")
    cloudwatch.put_composite_alarm(
        AlarmName=name,
        AlarmRule=f'ALARM("{child}")',
        AlarmActions=[oncall.topic],
        OKActions=[oncall.topic],
    )
    assert state(emulator, name) == "ALARM"
    publish(emulator, metric, 1)
    becomes(emulator, name, "OK")
    eventually(lambda: len(oncall.listen()) == 2)
    assert oncall.heard == [(name, "ALARM"), (name, "OK")]


def test_alarms_of_every_region_are_evaluated(emulator: Emulator, metric: str) -> None:
    elsewhere = boto3.client(
        "cloudwatch",
        endpoint_url=f"http://127.0.0.1:{emulator.port}",
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )
    arguments = {"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1}
    elsewhere.put_metric_alarm(
        AlarmName=metric,
        Namespace=NAMESPACE,
        MetricName=metric,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
        **arguments,
    )
    eventually(
        lambda: elsewhere.describe_alarms(AlarmNames=[metric])["MetricAlarms"][0]["StateValue"] == "ALARM"
    )
    assert (
        f":us-west-2:{ACCOUNT}:"
        in elsewhere.describe_alarms(AlarmNames=[metric])["MetricAlarms"][0]["AlarmArn"]
    )


def test_a_graph_can_use_an_expression(emulator: Emulator, metric: str) -> None:
    for ago, value in ((3, 4.0), (2, 6.0)):
        publish(emulator, metric, value, periods_ago=ago)
    now = time.time()
    answer = emulator.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "half", "Expression": "m / 2", "Label": "half of it"},
            query("m", metric, "clicks"),
            {**query("other", metric, "orders"), "ReturnData": True},
        ],
        StartTime=now - 60,
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    half, other = answer["MetricDataResults"]
    assert (half["Label"], half["Values"]) == ("half of it", [2.0, 3.0])
    assert [at.timestamp() % PERIOD for at in half["Timestamps"]] == [0, 0]
    assert (other["Label"], other["Values"]) == (metric, [])
