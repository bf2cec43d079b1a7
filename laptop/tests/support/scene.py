"""A laptop cloud with a dashboard, alarms, a table and a view."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import snowflake.connector
from packages import node_modules

from laptop import LaptopCloud
from laptop.testing.aws import ACCOUNT, REGION, Emulator

NAMESPACE = "Scene"
# The runbook's order of these differs from the alphabet's.
LATE, MUCH = "scene-z-late", "scene-a-much"
TABLES = (
    "CREATE DATABASE DB",
    "CREATE SCHEMA DB.RAW",
    "CREATE TABLE DB.RAW.CLICKS (EVENT_ID VARCHAR, EVENT_TYPE VARCHAR, LOADED_AT TIMESTAMP_LTZ)",
    "CREATE VIEW DB.RAW.CLICKS_ONCE AS SELECT * FROM DB.RAW.CLICKS WHERE EVENT_TYPE <> '_canary'",
)


def alarm_arn(name: str) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def widget(kind: str, place: tuple[int, int, int, int], **properties: Any) -> dict[str, Any]:
    x, y, width, height = place
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def chart(title: str, place: tuple[int, int, int, int], *metrics: Any, **more: Any) -> dict[str, Any]:
    return widget("metric", place, title=title, metrics=metrics, stat="Sum", period=60, **more)


WIDGETS = [
    widget("text", (0, 0, 24, 1), markdown="# Clicks\n\n[elsewhere](https://example.com)"),
    widget("alarm", (0, 1, 24, 2), title="Alarms", alarms=[alarm_arn(MUCH), alarm_arn(LATE)]),
    chart(
        "Records",
        (0, 3, 12, 6),
        [NAMESPACE, "Records"],
        [".", "Bytes", {"yAxis": "right"}],
        yAxis={"left": {"label": "records"}, "right": {"label": "bytes"}},
        annotations={"horizontal": [{"value": 50, "label": "too many"}]},
    ),
    chart(
        "Time taken",
        (12, 3, 6, 6),
        [NAMESPACE, "Duration"],
        yAxis={"left": {"label": "milliseconds an hour"}},
    ),
    chart(
        "Never sent",
        (18, 3, 3, 6),
        [NAMESPACE, "Nothing"],
        annotations={"horizontal": [{"value": 50, "label": "the threshold of an alarm with a long name"}]},
    ),
    chart("Now", (21, 3, 3, 6), [NAMESPACE, "Records"], view="singleValue"),
    widget("log", (0, 9, 24, 3), title="Lines"),
]


@dataclass(frozen=True)
class Scene:
    """Changes that a test makes without the page."""

    cloud: LaptopCloud
    cloudwatch: Any
    session: Any

    def sql(self, *statements: str) -> None:
        """Run statements in the stand-in."""
        with self.session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def land(self, event_id: str, event_type: str) -> None:
        """Insert a row."""
        self.sql(f"INSERT INTO DB.RAW.CLICKS VALUES ('{event_id}', '{event_type}', CURRENT_TIMESTAMP())")

    def measure(self, **values: float) -> None:
        """Publish a value of each of these metrics now and in each of the last minutes."""
        now = time.time()
        data = [
            {"MetricName": name, "Value": value, "Timestamp": now - 60 * ago}
            for name, value in values.items()
            for ago in range(5)
        ]
        self.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)

    def put_alarm(self, name: str, description: str, *, above: float = 1000) -> None:
        """Create an alarm on Records."""
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=description,
            Namespace=NAMESPACE,
            MetricName="Records",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=above,
            ComparisonOperator="GreaterThanThreshold",
        )


@contextmanager
def set_scene(folder: Path, docs: Path) -> Iterator[Scene]:
    """The cloud, which is stopped at the end of the block."""
    with LaptopCloud(folder, region=REGION, page=True, node_modules=node_modules(), docs=docs) as cloud:
        cloudwatch = Emulator.of(cloud).client("cloudwatch")
        with closing(snowflake.connector.connect(**cloud.snowflake_connection())) as session:
            scene = Scene(cloud, cloudwatch, session)
            scene.sql(*TABLES)
            scene.put_alarm(MUCH, "There is too much. Runbook: docs/runbook.md#too-much")
            scene.put_alarm(LATE, "It is too late. Runbook: docs/runbook.md#too-late")
            cloudwatch.put_dashboard(DashboardName="scene", DashboardBody=json.dumps({"widgets": WIDGETS}))
            scene.measure(Records=7, Bytes=7000, Duration=2500)
            yield scene
