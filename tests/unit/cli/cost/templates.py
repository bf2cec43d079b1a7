"""A template with one resource of each kind that is billed."""

from __future__ import annotations

import json
from typing import Any

from cli.cost.traffic import Traffic

SECONDS = 730 * 3600
GIB = 2**30


def template(**changes: Any) -> dict[str, Any]:
    """One kind of event: a Data Stream on demand, 60 s of buffer, a gate, events kept 400 days, a monitor."""
    given = {
        "mode": "ON_DEMAND",
        "shards": 1,
        "hours": 24,
        "interval": 60,
        "gate": True,
        "expire": 400,
        "lag": None,
        **changes,
    }
    monitor = {"MONITOR_PIPES": json.dumps([{"data_prefix": "events/"}]), "MONITOR_WINDOW_SECONDS": "300"}
    resources = {
        "Stream": {
            "StreamModeDetails": {"StreamMode": given["mode"]},
            "ShardCount": given["shards"],
            "RetentionPeriodHours": given["hours"],
        },
        "Delivery": {
            "ExtendedS3DestinationConfiguration": {
                "Prefix": "events/dt=!{timestamp:yyyy-MM-dd}/",
                "BufferingHints": {"IntervalInSeconds": given["interval"], "SizeInMBs": 128},
                "ProcessingConfiguration": {
                    "Enabled": given["gate"],
                    "Processors": [
                        {
                            "Parameters": [
                                {"ParameterName": "BufferIntervalInSeconds", "ParameterValue": "10"},
                                {"ParameterName": "BufferSizeInMBs", "ParameterValue": "1"},
                            ]
                        }
                    ],
                },
            }
        },
        "Gate": {
            "MemorySize": 512,
            "Architectures": ["arm64"],
            "Environment": {"Variables": {"GATE_DEPLOYMENT": "clickstream-test"}},
        },
        "Lake": {
            "LifecycleConfiguration": {
                "Rules": [
                    {"Prefix": "events/", "Transitions": [{"TransitionInDays": 30}]},
                    {"Prefix": "events/", "ExpirationInDays": given["expire"]},
                    {"Prefix": "errors/", "ExpirationInDays": 7},
                    {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
                ]
            },
            "MetricsConfigurations": [{"Id": "errors"}],
        },
        "Monitor": {"MemorySize": 512, "Environment": {"Variables": monitor}},
        "Schedule": {
            "ScheduleExpression": "rate(5 minutes)",
            "Targets": [{"Arn": {"Fn::GetAtt": ["Monitor", "Arn"]}}],
        },
        "Alarm": {"Period": 300},
        "MathAlarm": {
            "Metrics": [{"Expression": "a + b"}, *[{"MetricStat": {"Period": p}} for p in (60, 10)]]
        },
        "Mail": {"Protocol": "email"},
        "Producer": {"LaunchTemplateData": {"InstanceType": "t4g.micro"}},
        "Secret": {},
        "Key": {},
        "Dashboard": {},
        "Together": {},
    }
    types = {
        "Stream": "AWS::Kinesis::Stream",
        "Delivery": "AWS::KinesisFirehose::DeliveryStream",
        "Gate": "AWS::Lambda::Function",
        "Lake": "AWS::S3::Bucket",
        "Monitor": "AWS::Lambda::Function",
        "Schedule": "AWS::Events::Rule",
        "Alarm": "AWS::CloudWatch::Alarm",
        "MathAlarm": "AWS::CloudWatch::Alarm",
        "Mail": "AWS::SNS::Subscription",
        "Producer": "AWS::EC2::LaunchTemplate",
        "Secret": "AWS::SecretsManager::Secret",
        "Key": "AWS::KMS::Key",
        "Dashboard": "AWS::CloudWatch::Dashboard",
        "Together": "AWS::CloudWatch::CompositeAlarm",
    }
    if given["lag"]:
        resources["Rows"], types["Rows"] = {"TargetLagMinutes": given["lag"]}, "Custom::SnowflakeDynamicTable"
    return {"Resources": {name: {"Type": types[name], "Properties": resources[name]} for name in resources}}


# 1,000 events of 400 bytes a second. A record of 64 KiB holds 163: six records of 65,199 bytes, and one of the other 22
# with 8,799 bytes. Firehose bills 13 and 2 times 5 KB, Kinesis 64 and 9 times 1 KB, or 3 and 1 units of 25 KB.
THOUSAND = Traffic(events_per_second=1000, bytes=400)
MIB_A_MONTH = 1000 * 400 * SECONDS / 2**20
STORED_GB_A_MONTH = 1000 * 400 * SECONDS / 8 / GIB
DAY = 86_400 / SECONDS  # in months
