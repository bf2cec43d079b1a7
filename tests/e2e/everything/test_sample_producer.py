"""The sample producer's stack on the laptop cloud, and its instance's work: boot, send, publish its metric."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.everything.conftest import Pipeline
from tests.e2e.everything.instance import booted
from tests.e2e.laptop import eventually

STACK = "clickstream-local-Producer"


def user_data(pipeline: Pipeline) -> str:
    """The user data that AWS would pass to the group's instance."""
    (group,) = pipeline.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=["clickstream-local-sample-producer"]
    )["AutoScalingGroups"]
    versions = pipeline.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=group["LaunchTemplate"]["LaunchTemplateId"]
    )["LaunchTemplateVersions"]
    return b64decode(versions[-1]["LaunchTemplateData"]["UserData"]).decode()


def ship(line: str, pipeline: Pipeline) -> None:
    """Do as the instance's CloudWatch agent does with a line of the producer's log."""
    logs = pipeline.client("logs")
    (filtered,) = logs.describe_metric_filters(metricName="SentEvents", metricNamespace="Clickstream")[
        "metricFilters"
    ]
    group = filtered["logGroupName"]
    logs.create_log_stream(logGroupName=group, logStreamName="i-1/producer")
    event = {"timestamp": int(time.time() * 1000), "message": line}
    logs.put_log_events(logGroupName=group, logStreamName="i-1/producer", logEvents=[event])


def sent_events(pipeline: Pipeline) -> float:
    """The sum of the metric over the last minutes."""
    now = datetime.now(UTC)
    dimensions = {"Deployment": "clickstream-local", "Events": "clicks"}
    points = pipeline.client("cloudwatch").get_metric_statistics(
        Namespace="Clickstream",
        MetricName="SentEvents",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_its_instance_sends_until_its_stack_is_deleted(pipeline: Pipeline, tmp_path: Path) -> None:
    settings, script = pipeline.cloud.environment(), user_data(pipeline)
    rows, _ = pipeline.rows()

    with booted(
        tmp_path / "refused", script.replace("clickstream-local-events", "absent"), settings
    ) as refused:
        assert refused.exit_code == 1
        assert refused.signal.endswith("-e 1\n"), "the deployment fails"
        assert "check the name, the region and that the stack is deployed" in refused.console

    with booted(tmp_path / "instance", script, settings) as instance:
        assert (instance.exit_code, instance.signal.endswith("-e 0\n")) == (0, True), instance.console
        line = json.loads(instance.log.splitlines()[0])
        assert (line["deployment"], line["events"], line["failed"]) == ("clickstream-local", "clicks", 0)
        ship(instance.log.splitlines()[0], pipeline)
        eventually(lambda: sent_events(pipeline) == line["sent"])
        eventually(lambda: pipeline.rows()[0] > rows + 100)

    pipeline.cdk("destroy", "--force", STACK, "--app", str(pipeline.assembly))
    stacks = pipeline.client("cloudformation").describe_stacks()["Stacks"]
    left = {stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"}
    assert STACK not in left
    assert {f"clickstream-local-{name}" for name in ("Streaming", "Landing", "Ops")} <= left
