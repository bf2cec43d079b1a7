"""Streaming: the settings of Kinesis and Firehose, and Firehose's permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Variant = Callable[[str], Pipeline]


def destination(pipeline: Pipeline) -> dict[str, Any]:
    stream = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    return dict(stream["ExtendedS3DestinationConfiguration"])


def test_files_are_gzip_with_one_event_a_line(pipeline: Pipeline) -> None:
    assert destination(pipeline)["CompressionFormat"] == "GZIP"
    assert destination(pipeline)["ProcessingConfiguration"] == {
        "Enabled": True,
        "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": []}],
    }


def test_events_and_failures_go_to_sibling_prefixes(pipeline: Pipeline) -> None:
    assert destination(pipeline)["Prefix"] == "events/dt=!{timestamp:yyyy-MM-dd}/hh=!{timestamp:HH}/"
    assert (
        destination(pipeline)["ErrorOutputPrefix"]
        == "errors/clicks/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    )


def test_buffering_and_names_follow_the_config(variant: Variant) -> None:
    pipeline = variant("other values")
    assert destination(pipeline)["BufferingHints"] == {"SizeInMBs": 7, "IntervalInSeconds": 500}
    at_once = variant("two access modes")
    assert destination(at_once)["BufferingHints"]["IntervalInSeconds"] == 0
    stream = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert stream["DeliveryStreamName"] == "clicks"


def test_delivery_errors_are_logged(pipeline: Pipeline) -> None:
    logging = destination(pipeline)["CloudWatchLoggingOptions"]
    assert logging["Enabled"] is True
    (group,) = pipeline.resources("Streaming", "AWS::Logs::LogGroup")
    assert logging["LogGroupName"] == {"Ref": group}


def test_the_data_stream_is_the_source_and_follows_the_config(variant: Variant) -> None:
    pipeline = variant("other values")
    (stream_id,) = pipeline.resources("Streaming", "AWS::Kinesis::Stream")
    stream = pipeline.properties("Streaming", "AWS::Kinesis::Stream")
    assert (stream["ShardCount"], stream["RetentionPeriodHours"]) == (3, 48)
    delivery = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert delivery["DeliveryStreamType"] == "KinesisStreamAsSource"
    source = delivery["KinesisStreamSourceConfiguration"]["KinesisStreamARN"]
    assert source == {"Fn::GetAtt": [stream_id, "Arn"]}


def test_only_production_retains_its_data_stream(variant: Variant) -> None:
    """A retained stream is billed, and the next deployment cannot create one of the same name."""
    production, other = variant("sample producer in a given network"), variant("customer keys")
    for pipeline, kept in ((production, "RetainExceptOnCreate"), (other, "Delete")):
        for resource_type in ("AWS::Kinesis::Stream", "AWS::KMS::Key"):
            assert pipeline.resource("Streaming", resource_type)["DeletionPolicy"] == kept


def test_a_customer_key_encrypts_the_stream(variant: Variant) -> None:
    pipeline = variant("customer keys")
    (key,) = pipeline.resources("Streaming", "AWS::KMS::Key")
    encryption = pipeline.properties("Streaming", "AWS::Kinesis::Stream")["StreamEncryption"]
    assert encryption == {"EncryptionType": "KMS", "KeyId": {"Fn::GetAtt": [key, "Arn"]}}


def test_kinesis_on_demand_has_no_shard_count(variant: Variant) -> None:
    stream = variant("prod").properties("Streaming", "AWS::Kinesis::Stream")
    assert stream["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert "ShardCount" not in stream


def test_direct_put_has_no_data_stream_and_encrypts_buffered_events(variant: Variant) -> None:
    pipeline = variant("direct put")
    assert not pipeline.resources("Streaming", "AWS::Kinesis::Stream")
    delivery = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert delivery["DeliveryStreamType"] == "DirectPut"
    assert delivery["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}


def test_firehose_has_exactly_the_documented_permissions(variant: Variant) -> None:
    pipeline = variant("customer keys")
    statements = pipeline.properties("Streaming", "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    actions = {
        action
        for s in statements
        for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    }
    assert actions == {
        "s3:PutObject",
        "s3:GetObject",
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "logs:PutLogEvents",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kinesis:DescribeStream",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    }
    assert all(statement["Resource"] != "*" for statement in statements)


def test_only_firehose_of_this_account_may_assume_the_role(pipeline: Pipeline) -> None:
    trust = pipeline.properties("Streaming", "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert [(s["Principal"], s["Condition"]) for s in trust] == [
        (
            {"Service": "firehose.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        )
    ]
