"""Resource types that the bare MiniStack refuses or drops: created, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.testing.aws import ACCOUNT, REGION, Emulator

Resources = dict[str, Any]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


class TestAlarms:
    def template(self, threshold: int = 80) -> Resources:
        metric = {"Namespace": "AWS/Firehose", "MetricName": "IncomingBytes"}
        math = [
            {"Id": "share", "Expression": "100*bytes/1000", "ReturnData": True},
            {
                "Id": "bytes",
                "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"},
                "ReturnData": False,
            },
        ]
        return {
            "Share": resource(
                "CloudWatch::Alarm",
                Metrics=math,
                ComparisonOperator="GreaterThanThreshold",
                EvaluationPeriods=2,
                Threshold=threshold,
                # So that a state set by the test stays.
                TreatMissingData="ignore",
            ),
            "Any": resource(
                "CloudWatch::CompositeAlarm",
                AlarmRule={"Fn::Sub": 'ALARM("${Share.Arn}")'},
                ActionsEnabled=True,
            ),
        }

    def alarm(self, emulator: Emulator, stack: str, logical_id: str) -> dict[str, Any]:
        found = emulator.client("cloudwatch").describe_alarms(
            AlarmNames=[emulator.physical_id(stack, logical_id)], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
        return dict(alarm)

    def test_a_metric_math_alarm_is_stored_unchanged(self, emulator: Emulator) -> None:
        stack = emulator.deploy(self.template())
        alarm = self.alarm(emulator, stack, "Share")
        assert [query["Id"] for query in alarm["Metrics"]] == ["share", "bytes"]
        assert alarm["Threshold"] == 80
        assert "MetricName" not in alarm
        emulator.deploy(self.template(threshold=90), stack)
        assert self.alarm(emulator, stack, "Share")["Threshold"] == 90

    def test_an_unsupported_alarm_fails_its_stack(self, emulator: Emulator) -> None:
        template = self.template()
        template["Share"]["Properties"]["Metrics"][0]["Expression"] = "ANOMALY_DETECTION_BAND(bytes)"
        assert emulator.status(emulator.deploy(template)) == "ROLLBACK_COMPLETE"

    def test_a_composite_alarm_follows_its_children(self, emulator: Emulator) -> None:
        stack = emulator.deploy(self.template())
        assert self.alarm(emulator, stack, "Any")["StateValue"] == "OK"
        emulator.client("cloudwatch").set_alarm_state(
            AlarmName=emulator.physical_id(stack, "Share"), StateValue="ALARM", StateReason="test"
        )
        assert self.alarm(emulator, stack, "Any")["StateValue"] == "ALARM"

    def test_both_are_deleted_with_their_stack(self, emulator: Emulator) -> None:
        stack = emulator.deploy(self.template())
        names = [emulator.physical_id(stack, "Share"), emulator.physical_id(stack, "Any")]
        assert emulator.delete(stack) == "DELETE_COMPLETE"
        left = emulator.client("cloudwatch").describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        assert left["MetricAlarms"] + left["CompositeAlarms"] == []


class TestKinesisStream:
    def test_encryption_is_switched_on_and_off(self, emulator: Emulator) -> None:
        encryption = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
        stack = emulator.deploy({"S": resource("Kinesis::Stream", ShardCount=1, StreamEncryption=encryption)})
        name, kinesis = emulator.physical_id(stack, "S"), emulator.client("kinesis")
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        assert (summary["EncryptionType"], summary["KeyId"]) == ("KMS", "alias/aws/kinesis")

        emulator.deploy({"S": resource("Kinesis::Stream", ShardCount=1)}, stack)
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        assert summary["EncryptionType"] == "NONE"


class TestBucket:
    def test_its_settings_are_those_of_the_template(self, emulator: Emulator) -> None:
        key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/lake"
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rule = {
            "Id": "tidy",
            "Status": "Enabled",
            "Prefix": "events/",
            "ExpirationInDays": 400,
            "Transitions": [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 30}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
        properties = {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": default}
                ]
            },
            "LifecycleConfiguration": {"Rules": [rule]},
            "LoggingConfiguration": {"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "lake/"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "VersioningConfiguration": {"Status": "Enabled"},
            "Tags": [{"Key": "team", "Value": "data"}],
        }
        logs = resource("S3::Bucket")
        stack = emulator.deploy({"Logs": logs, "Lake": resource("S3::Bucket", **properties)})
        name, s3 = emulator.physical_id(stack, "Lake"), emulator.client("s3")

        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert encryption == {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == [
            {
                "ID": "tidy",
                "Status": "Enabled",
                "Filter": {"Prefix": "events/"},
                "Expiration": {"Days": 400},
                "Transitions": [{"Days": 30, "StorageClass": "INTELLIGENT_TIERING"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            }
        ]
        assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"] == {
            "TargetBucket": emulator.physical_id(stack, "Logs"),
            "TargetPrefix": "lake/",
        }
        ownership = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "team", "Value": "data"}]

        emulator.deploy({"Logs": logs, "Lake": resource("S3::Bucket")}, stack)
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
        assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
        with pytest.raises(ClientError, match="lifecycle"):
            s3.get_bucket_lifecycle_configuration(Bucket=name)

    def test_an_object_with_kms_and_no_key_gets_the_aws_managed_key(
        self, emulator: Emulator, bucket: str
    ) -> None:
        s3 = emulator.client("s3")
        s3.put_object(Bucket=bucket, Key="asset", Body=b"", ServerSideEncryption="aws:kms")
        assert s3.head_object(Bucket=bucket, Key="asset")["SSEKMSKeyId"].endswith("alias/aws/s3")


class TestFlowLog:
    def test_it_logs_a_network_and_is_deleted_with_its_stack(self, emulator: Emulator) -> None:
        stack = emulator.deploy(
            {
                "Network": resource("EC2::VPC", CidrBlock="10.9.0.0/28"),
                "Flows": resource(
                    "EC2::FlowLog",
                    ResourceId={"Ref": "Network"},
                    ResourceType="VPC",
                    TrafficType="ALL",
                    LogGroupName="flows",
                ),
            }
        )
        ec2, network = emulator.client("ec2"), emulator.physical_id(stack, "Network")
        here = [{"Name": "resource-id", "Values": [network]}]
        (flow_log,) = ec2.describe_flow_logs(Filters=here)["FlowLogs"]
        assert flow_log["FlowLogId"] == emulator.physical_id(stack, "Flows")
        assert (flow_log["TrafficType"], flow_log["LogDestinationType"]) == ("ALL", "cloud-watch-logs")
        assert emulator.delete(stack) == "DELETE_COMPLETE"
        assert ec2.describe_flow_logs(Filters=here)["FlowLogs"] == []


class TestMachineImage:
    @pytest.mark.parametrize("processor", ["arm64", "x86_64"])
    def test_amazon_linux_is_found_by_its_public_parameter(self, emulator: Emulator, processor: str) -> None:
        name = f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{processor}"
        kind = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
        stack = emulator.deploy(
            {"Template": resource("EC2::LaunchTemplate", LaunchTemplateData={"ImageId": {"Ref": "Image"}})},
            Parameters={"Image": {"Type": kind, "Default": name}},
        )
        versions = emulator.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=emulator.physical_id(stack, "Template")
        )
        (version,) = versions["LaunchTemplateVersions"]
        assert version["LaunchTemplateData"]["ImageId"].startswith("ami-")
