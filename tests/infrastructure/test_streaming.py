"""Streaming: the settings of Kinesis and Firehose, and Firehose's permissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.synthesis import ACCOUNT, REGION, Pipeline

Variant = Callable[[str], Pipeline]


def destination(pipeline: Pipeline) -> dict[str, Any]:
    stream = pipeline.properties("Streaming", "AWS::KinesisFirehose::DeliveryStream")
    return dict(stream["ExtendedS3DestinationConfiguration"])


def processors(pipeline: Pipeline) -> list[dict[str, Any]]:
    configuration = destination(pipeline)["ProcessingConfiguration"]
    assert configuration["Enabled"] is True
    found: list[dict[str, Any]] = configuration["Processors"]
    return found


def named(pipeline: Pipeline, resource_type: str, beginning: str) -> dict[str, Any]:
    found = pipeline.resources("Streaming", resource_type).items()
    (properties,) = (each["Properties"] for name, each in found if name.startswith(beginning))
    return dict(properties)


def actions_of(pipeline: Pipeline, role: str) -> set[str]:
    statements = named(pipeline, "AWS::IAM::Policy", role)["PolicyDocument"]["Statement"]
    assert all(statement["Resource"] != "*" for statement in statements)
    return {
        action
        for s in statements
        for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    }


def test_files_are_gzip_with_one_event_a_line(pipeline: Pipeline) -> None:
    assert destination(pipeline)["CompressionFormat"] == "GZIP"
    (gate,) = processors(pipeline)
    assert gate["Type"] == "Lambda", "the gate ends lines itself"


def test_without_a_gate_firehose_ends_the_lines(variant: Variant) -> None:
    pipeline = variant("gate off")
    assert processors(pipeline) == [{"Type": "AppendDelimiterToRecord", "Parameters": []}]
    assert "RECEIVED_AT" not in json.dumps(pipeline.stacks["Landing"])
    assert "gate" not in json.dumps(pipeline.stacks["Ops"]).lower()


def test_the_gate_is_called_as_the_config_says(variant: Variant) -> None:
    (gate,) = processors(variant("other values"))
    chosen = {each["ParameterName"]: each["ParameterValue"] for each in gate["Parameters"]}
    (function,) = variant("other values").resources("Streaming", "AWS::Lambda::Function")
    assert chosen["LambdaArn"] == {"Fn::GetAtt": [function, "Arn"]}
    assert (chosen["BufferSizeInMBs"], chosen["BufferIntervalInSeconds"]) == ("2", "30")
    assert chosen["NumberOfRetries"] == "20"
    assert variant("other values").properties("Streaming", "AWS::Lambda::Function")["MemorySize"] == 1024


def test_the_gate_may_write_its_rejects_and_nothing_else(variant: Variant) -> None:
    pipeline = variant("customer keys")
    assert actions_of(pipeline, "ClicksGateRole") == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",
        "kms:GenerateDataKey",
    }


def test_the_gate_knows_no_contract_before_its_table_does(pipeline: Pipeline) -> None:
    assert any(name.endswith("-Landing") or name == "Landing" for name in pipeline.dependencies["Streaming"])


def test_events_and_failures_go_to_sibling_prefixes(pipeline: Pipeline) -> None:
    assert destination(pipeline)["Prefix"] == "events/dt=!{timestamp:yyyy-MM-dd}/hh=!{timestamp:HH}/"
    assert (
        destination(pipeline)["ErrorOutputPrefix"]
        == "errors/clicks/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    )


def test_a_replaced_pipe_looks_into_the_folders_that_firehose_writes(pipeline: Pipeline) -> None:
    written = destination(pipeline)["Prefix"].replace("!{timestamp:yyyy-MM-dd}", "%Y-%m-%d")
    for kind in ("Custom::SnowflakePipe", "Custom::SnowflakePipeRefresh"):
        assert written.startswith("events/" + pipeline.properties("Landing", kind)["DayFolder"])


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
    groups = pipeline.resources("Streaming", "AWS::Logs::LogGroup")
    (group,) = (name for name in groups if name.startswith("ClicksDelivery"))
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
        assert pipeline.resource("Streaming", "AWS::Kinesis::Stream")["DeletionPolicy"] == kept


def test_a_customer_key_is_kept_for_the_records_that_wait(variant: Variant) -> None:
    assert (
        variant("customer keys").resource("Streaming", "AWS::KMS::Key")["DeletionPolicy"]
        == "RetainExceptOnCreate"
    )


def test_a_customer_key_serves_all_who_may_use_its_stream_and_in_no_other_way(variant: Variant) -> None:
    """Producers whose rights are managed elsewhere go on when the key is switched on."""
    _, through, otherwise = variant("customer keys").properties("Streaming", "AWS::KMS::Key")["KeyPolicy"][
        "Statement"
    ]
    allowed, refused = through["Condition"]["StringEquals"], otherwise["Condition"]["StringNotEquals"]
    assert (through["Effect"], through["Principal"]) == ("Allow", {"AWS": "*"})
    assert allowed["kms:ViaService"] == refused["kms:ViaService"] == f"kinesis.{REGION}.amazonaws.com"
    assert allowed["kms:CallerAccount"] == ACCOUNT
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clickstream-test-events"
    assert allowed["kms:EncryptionContext:aws:kinesis:arn"] == stream
    assert (otherwise["Effect"], otherwise["Principal"]) == ("Deny", {"AWS": "*"})


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("customer keys", [["kinesis:PutRecord", "kinesis:PutRecords"], "kms:GenerateDataKey"]),
        ("direct put", [["firehose:PutRecord", "firehose:PutRecordBatch"]]),
    ],
)
def test_the_policy_for_producers_is_an_output(variant: Variant, name: str, actions: list[Any]) -> None:
    outputs = variant(name).stacks["Streaming"]["Outputs"]
    (policy,) = (
        output["Value"] for name, output in outputs.items() if name.startswith("ClicksProducerPolicy")
    )
    text = "".join(part if isinstance(part, str) else "arn:x" for part in policy["Fn::Join"][1])
    statements = json.loads(text)["Statement"]
    assert [statement["Action"] for statement in statements] == actions
    assert all(statement["Resource"] == "arn:x" for statement in statements)


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
    assert actions_of(variant("customer keys"), "ClicksDeliveryRole") == {
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
        "lambda:InvokeFunction",
        "lambda:GetFunctionConfiguration",
    }


def test_only_firehose_of_this_account_may_assume_the_role(pipeline: Pipeline) -> None:
    role = named(pipeline, "AWS::IAM::Role", "ClicksDeliveryRole")
    trust = role["AssumeRolePolicyDocument"]["Statement"]
    assert [(s["Principal"], s["Condition"]) for s in trust] == [
        ({"Service": "firehose.amazonaws.com"}, {"StringEquals": {key: "111122223333"}})
        for key in ("sts:ExternalId", "aws:SourceAccount")
    ]
