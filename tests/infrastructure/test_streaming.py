"""The way in: what is asked of Kinesis and Firehose, and what Firehose may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Synthesized = Callable[..., Pipeline]


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


def test_buffering_and_names_follow_the_config(synthesized: Synthesized) -> None:
    pipeline = synthesized(
        streaming={"buffer_size_mib": 7, "buffer_interval_seconds": 0, "delivery_stream_name": "clicks"}
    )
    assert destination(pipeline)["BufferingHints"] == {"SizeInMBs": 7, "IntervalInSeconds": 0}
    stream = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert stream["DeliveryStreamName"] == "clicks"


def test_delivery_errors_are_logged(pipeline: Pipeline) -> None:
    logging = destination(pipeline)["CloudWatchLoggingOptions"]
    assert logging["Enabled"] is True
    (group,) = pipeline.resources("Streaming", "AWS::Logs::LogGroup")
    assert logging["LogGroupName"] == {"Ref": group}


def test_kinesis_is_the_source_and_follows_the_config(synthesized: Synthesized) -> None:
    pipeline = synthesized(
        streaming={"kinesis": {"shard_count": 3, "retention_hours": 48, "encryption": "customer_key"}}
    )
    (stream_id,) = pipeline.resources("Streaming", "AWS::Kinesis::Stream")
    stream = pipeline.properties("Streaming", "AWS::Kinesis::Stream")
    assert (stream["ShardCount"], stream["RetentionPeriodHours"]) == (3, 48)
    assert stream["StreamEncryption"]["EncryptionType"] == "KMS"
    assert pipeline.resources("Streaming", "AWS::KMS::Key")
    delivery = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert delivery["DeliveryStreamType"] == "KinesisStreamAsSource"
    source = delivery["KinesisStreamSourceConfiguration"]["KinesisStreamARN"]
    assert source == {"Fn::GetAtt": [stream_id, "Arn"]}


def test_only_a_production_stage_keeps_its_stream_when_it_goes(synthesized: Synthesized) -> None:
    """A kept stream is billed, and the next deployment cannot make one of the same name."""
    customer_key = {"kinesis": {"encryption": "customer_key"}}
    for production, kept in ((True, "RetainExceptOnCreate"), (False, "Delete")):
        pipeline = synthesized(production=production, streaming=customer_key)
        for resource_type in ("AWS::Kinesis::Stream", "AWS::KMS::Key"):
            assert pipeline.resource("Streaming", resource_type)["DeletionPolicy"] == kept


def test_kinesis_on_demand_has_no_shard_count(synthesized: Synthesized) -> None:
    stream = synthesized(streaming={"kinesis": {"mode": "on_demand"}}).properties(
        "Streaming", "AWS::Kinesis::Stream"
    )
    assert stream["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert "ShardCount" not in stream


def test_direct_put_has_no_stream_and_encrypts_what_waits(synthesized: Synthesized) -> None:
    pipeline = synthesized(streaming={"source": "direct_put"})
    assert not pipeline.resources("Streaming", "AWS::Kinesis::Stream")
    delivery = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    assert delivery["DeliveryStreamType"] == "DirectPut"
    assert delivery["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}


def test_firehose_may_do_what_its_documentation_lists_and_no_more(synthesized: Synthesized) -> None:
    pipeline = synthesized(
        storage={"encryption": "kms"}, streaming={"kinesis": {"encryption": "customer_key"}}
    )
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


def test_only_firehose_of_this_account_assumes_the_role(pipeline: Pipeline) -> None:
    trust = pipeline.properties("Streaming", "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert [(s["Principal"], s["Condition"]) for s in trust] == [
        (
            {"Service": "firehose.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        )
    ]
