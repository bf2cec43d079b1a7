"""Data that the page's server reads from the emulator."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from page_server import PageServer

from laptop.testing.aws import Emulator, unique


@pytest.fixture
def cloudwatch(emulator: Emulator) -> Any:
    return emulator.client("cloudwatch")


def put(cloudwatch: Any, *metrics: Any, **properties: Any) -> str:
    """Deploy a dashboard of one chart with these rows; return its name."""
    name = unique("dashboard")
    widget = {"type": "metric", "properties": {"title": "one", "metrics": metrics, **properties}}
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": [widget]}))
    return name


def chart(page_server: PageServer, dashboard: str, minutes: int = 15) -> Any:
    return page_server.ask(f"/api/dashboards/{dashboard}/metrics?minutes={minutes}").json["0"]


def measure(cloudwatch: Any, namespace: str, **values: float) -> dt.datetime:
    """Publish a value of each metric, a minute ago, for the stream clicks."""
    at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    dimensions = [{"Name": "Stream", "Value": "clicks"}]
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": at}
            for name, value in values.items()
        ],
    )
    return at


def test_dashboards_are_shown_as_currently_deployed(page_server: PageServer, cloudwatch: Any) -> None:
    name = put(cloudwatch, ["N", "A"])
    (found,) = [one for one in page_server.ask("/api/dashboards").json["dashboards"] if one["name"] == name]
    assert [widget["title"] for widget in found["widgets"]] == ["one"]
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": []}))
    (found,) = [one for one in page_server.ask("/api/dashboards").json["dashboards"] if one["name"] == name]
    assert found["widgets"] == []


def test_a_line_has_exactly_the_values_of_its_metric(page_server: PageServer, cloudwatch: Any) -> None:
    namespace = unique("Test")
    at = measure(cloudwatch, namespace, In=5, Out=4)
    options = {"id": "in", "period": 60, "stat": "Sum"}
    dashboard = put(
        cloudwatch,
        [namespace, "In", "Stream", "clicks", options],
        ["...", "orders", {**options, "id": "other"}],
    )
    lines = chart(page_server, dashboard)["lines"]
    assert lines["in"]["values"] == [5]
    assert lines["in"]["times"] == [at.timestamp() // 60 * 60]
    assert lines["other"]["values"] == []


def test_a_metric_math_line_is_computed(page_server: PageServer, cloudwatch: Any) -> None:
    namespace = unique("Test")
    measure(cloudwatch, namespace, In=5, Out=4)
    hidden = {"period": 60, "stat": "Sum", "visible": False}
    dashboard = put(
        cloudwatch,
        [{"expression": "100 * done / came", "id": "share"}],
        [namespace, "In", "Stream", "clicks", {**hidden, "id": "came"}],
        [".", "Out", ".", ".", {**hidden, "id": "done"}],
    )
    assert {name: line["values"] for name, line in chart(page_server, dashboard)["lines"].items()} == {
        "share": [80]
    }


def test_a_chart_refused_by_the_emulator_shows_the_reason(page_server: PageServer, cloudwatch: Any) -> None:
    dashboard = put(cloudwatch, [{"expression": "NO_SUCH(m1)", "id": "x"}])
    assert "ValidationError" in chart(page_server, dashboard)["message"]


def test_alarms_have_their_state_reason_and_description(page_server: PageServer, cloudwatch: Any) -> None:
    name = unique("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription="Too much. docs/runbook.md#too-much",
        Namespace="N",
        MetricName="A",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it was 7")
    (found,) = [alarm for alarm in page_server.ask("/api/alarms").json["alarms"] if alarm["name"] == name]
    assert (found["state"], found["reason"], found["runbook"]) == (
        "ALARM",
        "it was 7",
        "docs/runbook.md#too-much",
    )


def test_only_tables_listed_by_the_stand_in_can_be_read(page_server: PageServer) -> None:
    assert page_server.ask("/api/tables").json == {"tables": []}
    answer = page_server.ask("/api/rows?table=%22SNOWFLAKE%22.%22ACCOUNT_USAGE%22.%22USERS%22")
    assert answer.status == 404
