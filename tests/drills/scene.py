"""A running pipeline on the laptop cloud, seen as by an on-call engineer: alarms, metrics, notifications."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import contract
import producer
from cli.laptop import Laptop, load_laptop_env, passing_cloud
from clickstream.watch.alarm_topics import NEWS
from config.model import PipelineConfig
from config.names import EventStream
from snowflake_setup.sql.identifiers import ObjectName

# The schedules' minute lasts this many seconds; the alarms keep the periods of the templates.
MINUTE_SECONDS = 5.0
_EVENTS_A_SECOND = 20.0
_QUEUE = "drills"
# Longer than the three windows that the slowest alarm evaluates.
_SETTLED_SECONDS = 40.0
_SETTLING_SECONDS = 240.0


@dataclass(frozen=True)
class Notification:
    """A topic's message about an alarm to its subscribers; a page, if it is the topic of critical alarms."""

    alarm: str
    state: str
    page: bool


@dataclass
class Scene:
    """A deployed pipeline with events flowing through it."""

    laptop: Laptop
    _heard: list[Notification] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        return self.laptop.client(service)

    @property
    def config(self) -> PipelineConfig:
        """The config of the deployed environment."""
        return self.laptop.config

    @cached_property
    def cloudwatch(self) -> Any:
        """The emulator's CloudWatch."""
        return self.client("cloudwatch")

    @cached_property
    def _pager(self) -> str:
        """The topic of critical alarms."""
        (topic,) = self.alarms()[f"{self.clicks.name}-unhealthy"]["AlarmActions"]
        return str(topic)

    @cached_property
    def lake(self) -> str:
        """The bucket of the event lake."""
        buckets = (bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"])
        (lake,) = (name for name in buckets if "eventlakebucket" in name)
        return str(lake)

    @property
    def clicks(self) -> EventStream:
        """The names of the resources that carry click events."""
        return self.config.event_streams[0]

    def snowflake_name(self, last: str) -> ObjectName:
        """The full name of a Snowflake object of the pipeline."""
        return ObjectName.of(self.config.snowflake.database, self.config.snowflake.schema_name, last)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement, run as the stand-in's administrator."""
        with self.laptop.snowflake() as session, session.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(statement).fetchall()]

    def alarms(self) -> dict[str, dict[str, Any]]:
        """Every alarm by its short name, e.g. `clicks-pipe-not-running`."""
        pages = self.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found = [
            alarm for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for alarm in page[kind]
        ]
        return {alarm["AlarmName"].removeprefix(f"{self.config.prefix}-"): alarm for alarm in found}

    def in_alarm(self) -> set[str]:
        """The short names of the alarms that are in ALARM."""
        return {name for name, alarm in self.alarms().items() if alarm["StateValue"] == "ALARM"}

    def settle(self) -> None:
        """Wait until every alarm has been OK for a while: a new deployment has no freshness metric yet."""
        well_since = [time.monotonic()]

        def settled() -> bool:
            if any(alarm["StateValue"] != "OK" for alarm in self.alarms().values()):
                well_since[0] = time.monotonic()
            return time.monotonic() - well_since[0] > _SETTLED_SECONDS

        if not wait_until(settled, _SETTLING_SECONDS):
            states = {name: alarm["StateValue"] for name, alarm in self.alarms().items()}
            raise AssertionError(f"not every alarm became OK: {states}")
        if self.heard():
            raise AssertionError(f"notifications of a new deployment: {self.heard()}")

    def reading(self, alarm: dict[str, Any]) -> float | None:
        """The latest value of an alarm's metric, queried as the alarm's definition does."""
        now = datetime.now(UTC)
        queries = alarm.get("Metrics") or [_query(alarm)]
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=queries,
            StartTime=now - 2 * timedelta(seconds=alarm.get("Period", 60)),
            EndTime=now,
            ScanBy="TimestampDescending",
        )
        values = [value for result in answer["MetricDataResults"] for value in result["Values"][:1]]
        return values[0] if values else None

    def heard(self) -> list[Notification]:
        """All notifications that reached the queue since this list was last cleared."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=_QUEUE)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                envelope = json.loads(message["Body"])
                body = json.loads(envelope["Message"])
                name = body["AlarmName"].removeprefix(f"{self.config.prefix}-")
                page = envelope["TopicArn"] == self._pager
                self._heard.append(Notification(name, body["NewStateValue"], page))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return self._heard

    def subscribe(self) -> None:
        """Subscribe a queue to both topics, with the filter of the template's subscriptions."""
        sqs, sns = self.client("sqs"), self.client("sns")
        url = sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topics = sorted({topic for alarm in self.alarms().values() for topic in alarm["AlarmActions"]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_may_send(topics, arn))})
        for topic in topics:
            news = {"FilterPolicy": json.dumps(NEWS), "FilterPolicyScope": "MessageBody"}
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=news)


@contextmanager
def pipeline_at_work(state_dir: Path, env: str = "local") -> Iterator[Scene]:
    """Deploy the pipeline to a new laptop cloud and keep events flowing while the block runs."""
    config = load_laptop_env(env)
    with (
        patch.dict(os.environ),  # which the laptop makes its own
        passing_cloud(config, state_dir, minute_seconds=MINUTE_SECONDS) as laptop,
    ):
        laptop.deploy()
        scene = Scene(laptop)
        scene.subscribe()
        with _traffic(scene, state_dir):
            scene.settle()
            yield scene


@contextmanager
def _traffic(scene: Scene, state_dir: Path) -> Iterator[None]:
    events = contract.load(scene.clicks.contract)
    stop = threading.Event()
    target = scene.laptop.front_door(scene.clicks)

    def send() -> None:
        with producer.RejectsFile(state_dir / "rejects.ndjson") as rejects:
            while not stop.is_set():  # a sending that gave up on a stream is followed by the next
                lines = producer.generate(events, count=None, rate=_EVENTS_A_SECOND, seed=None)
                producer.send(
                    producer.paced(lines, _EVENTS_A_SECOND),
                    contract=events,
                    target=target,
                    rejects=rejects,
                    stop=stop,
                )

    thread = threading.Thread(target=send, name="traffic", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; False if it is not met within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def _may_send(topics: list[str], queue: str) -> dict[str, Any]:
    """The queue's policy, which lets these topics send to it."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topics}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _query(alarm: dict[str, Any]) -> dict[str, Any]:
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions")}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": statistic}}
