"""Resources that are billed, and the settings that decide how much, as synthesized templates have them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.cost.traffic import SECONDS
from clickstream_wire.environment import Gate, Monitor
from clickstream_wire.metrics import GateMetric, PipeMetric
from clickstream_wire.resources import ResourceType

Template = Mapping[str, Any]
Resource = Mapping[str, Any]

# Resources that are billed by the piece, and those whose use is billed.
BILLED = {
    "AWS::KinesisFirehose::DeliveryStream": "delivery streams",
    "AWS::Kinesis::Stream": "Data Streams",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::CompositeAlarm": "composite alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::Logs::MetricFilter": "metrics made from logs",
    "AWS::Lambda::Function": "Lambda functions",
    "AWS::Logs::LogGroup": "log groups",
    "AWS::KMS::Key": "customer keys",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::SNS::Topic": "topics",
    "AWS::EC2::LaunchTemplate": "instances",
}
# The first three are billed by their use, and that is counted.
_NOT_BILLED = (
    "AWS::Events::Rule",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CDK::Metadata",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::IAM::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogStream",
    "AWS::SNS::TopicPolicy",
    "Custom::",
)
SCHEDULED, REQUEST_METRICS = "invocations by schedule", "filters of S3 request metrics"
_DEFAULT_MIB = 128  # of a Lambda function


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function.

    Attributes:
        memory_mib: its memory.
        architecture: arm64 or x86_64.
        scheduled: invocations in a month by schedules.
    """

    memory_mib: int
    architecture: str
    scheduled: int


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A Data Stream; `shards` is 0 on demand."""

    shards: int
    retention_hours: int


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A delivery stream.

    Attributes:
        interval_seconds, size_mib: its buffer.
        gate_interval_seconds, gate_size_mib: the buffer of its gate; 0 MiB without one.
        cool_days: days until its files move to infrequent access; 0 is never.
        kept_days: days that its files are stored, versions included; 0 is without end.
    """

    interval_seconds: int
    size_mib: int
    gate_interval_seconds: int
    gate_size_mib: int
    cool_days: int
    kept_days: int


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """Resources and settings of one environment.

    Attributes:
        pieces: the number of each billed resource; of invocations, in a month.
        alarm_metrics: metrics of alarms, by "alarm metric" or "high-resolution alarm metric".
        metrics: custom metrics of gates and monitor.
        subscriptions: by protocol.
        instance_types: of EC2 instances.
        windows: seconds between two readings of the load history, for each monitor.
        target_lags: minutes between two refreshes, for each dynamic table.
        gate: a function of the gates, which are alike; None without gates.
        uncounted: types of resources that are neither billed nor known to be free.
    """

    pieces: Counter[str]
    streams: Sequence[Stream]
    deliveries: Sequence[Delivery]
    functions: Sequence[Function]
    gate: Function | None
    alarm_metrics: Counter[str]
    metrics: int
    subscriptions: Counter[str]
    instance_types: Sequence[str]
    windows: Sequence[int]
    target_lags: Sequence[int]
    uncounted: Sequence[str]


def inventory(templates: Iterable[Template]) -> Inventory:
    """Count the resources of templates.

    Raises:
        ValueError: a schedule that cannot be counted.
    """
    resources = {
        (number, name): resource
        for number, template in enumerate(templates)
        for name, resource in template.get("Resources", {}).items()
    }
    schedules: Counter[tuple[int, str]] = Counter()
    for (number, _), resource in _of(resources, "AWS::Events::Rule"):
        for target in resource["Targets"] if "ScheduleExpression" in resource else ():
            schedules[number, target["Arn"]["Fn::GetAtt"][0]] += _runs(resource["ScheduleExpression"])
    functions = {
        key: Function(
            memory_mib=int(properties.get("MemorySize", _DEFAULT_MIB)),
            architecture=properties.get("Architectures", ["x86_64"])[0],
            scheduled=schedules[key],
        )
        for key, properties in _of(resources, "AWS::Lambda::Function")
    }
    variables = {
        key: properties.get("Environment", {}).get("Variables", {})
        for key, properties in _of(resources, "AWS::Lambda::Function")
    }
    gates = [key for key, names in variables.items() if Gate.DEPLOYMENT in names]
    monitors = [names for names in variables.values() if Monitor.PIPES in names]
    buckets = [properties for _, properties in _of(resources, "AWS::S3::Bucket")]
    rules = [rule for bucket in buckets for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", ())]
    deliveries = [
        _delivery(properties, rules)
        for _, properties in _of(resources, "AWS::KinesisFirehose::DeliveryStream")
    ]
    pieces = Counter(
        BILLED[resource["Type"]] for resource in resources.values() if resource["Type"] in BILLED
    )
    pieces[SCHEDULED] = schedules.total()
    pieces[REQUEST_METRICS] = sum(len(bucket.get("MetricsConfigurations", ())) for bucket in buckets)
    return Inventory(
        pieces=pieces,
        streams=[_stream(properties) for _, properties in _of(resources, "AWS::Kinesis::Stream")],
        deliveries=deliveries,
        functions=[*functions.values()],
        gate=functions[gates[0]] if gates else None,
        alarm_metrics=sum((_alarm(p) for _, p in _of(resources, "AWS::CloudWatch::Alarm")), Counter()),
        metrics=len(GateMetric) * sum(each.gate_size_mib > 0 for each in deliveries)
        + sum(map(_monitored, monitors)),
        subscriptions=Counter(p["Protocol"] for _, p in _of(resources, "AWS::SNS::Subscription")),
        instance_types=[
            p["LaunchTemplateData"]["InstanceType"] for _, p in _of(resources, "AWS::EC2::LaunchTemplate")
        ],
        windows=[int(names[Monitor.WINDOW_SECONDS]) for names in monitors],
        target_lags=[
            int(resource["Properties"]["TargetLagMinutes"])
            for resource in resources.values()
            if resource["Type"] == ResourceType.DYNAMIC_TABLE
        ],
        uncounted=sorted(
            {
                resource["Type"]
                for resource in resources.values()
                if resource["Type"] not in BILLED and not resource["Type"].startswith(_NOT_BILLED)
            }
        ),
    )


def _of(
    resources: Mapping[tuple[int, str], Resource], kind: str
) -> Iterator[tuple[tuple[int, str], Resource]]:
    return (
        (key, resource.get("Properties", {}))
        for key, resource in resources.items()
        if resource["Type"] == kind
    )


def _runs(expression: str) -> int:
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"a schedule that cannot be counted: {expression!r}; use rate(…)")
    return SECONDS // (int(found[1]) * {"minute": 60, "hour": 3600, "day": 86_400}[found[2]])


def _stream(properties: Resource) -> Stream:
    on_demand = properties.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
    return Stream(
        shards=0 if on_demand else int(properties["ShardCount"]),
        retention_hours=int(properties.get("RetentionPeriodHours", 24)),
    )


def _delivery(properties: Resource, rules: Sequence[Resource]) -> Delivery:
    destination = properties["ExtendedS3DestinationConfiguration"]
    processing = destination.get("ProcessingConfiguration", {})
    gate = {
        parameter["ParameterName"]: parameter["ParameterValue"]
        for processor in processing.get("Processors", ())
        if processing.get("Enabled")
        for parameter in processor["Parameters"]
    }
    hints = destination["BufferingHints"]
    ours = [rule for rule in rules if destination["Prefix"].startswith(rule.get("Prefix", "\n"))]
    expires = sum(rule.get("ExpirationInDays", 0) for rule in ours)
    # An expired object becomes a version, which is stored for some days more.
    versions = max(
        (rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0) for rule in rules), default=0
    )
    return Delivery(
        interval_seconds=int(hints["IntervalInSeconds"]),
        size_mib=int(hints["SizeInMBs"]),
        gate_interval_seconds=int(gate.get("BufferIntervalInSeconds", 0)),
        gate_size_mib=int(float(gate.get("BufferSizeInMBs", 0))),
        cool_days=sum(step["TransitionInDays"] for rule in ours for step in rule.get("Transitions", ())),
        kept_days=expires + versions if expires else 0,
    )


def _alarm(properties: Resource) -> Counter[str]:
    """The metrics of an alarm; those of a period below a minute cost more."""
    metrics = [
        metric["MetricStat"]["Period"] for metric in properties.get("Metrics", ()) if "MetricStat" in metric
    ]
    periods = metrics or [properties["Period"]]
    return Counter("alarm metric" if period >= 60 else "high-resolution alarm metric" for period in periods)


def _monitored(variables: Mapping[str, Any]) -> int:
    """The metrics of a monitor and its canary, at most; its pipes may be text with references in it."""
    return json.dumps(variables[Monitor.PIPES]).count("data_prefix") * (len(PipeMetric) + 1)
