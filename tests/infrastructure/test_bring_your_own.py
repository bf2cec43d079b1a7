"""Constructs in another app, with its own buckets, keys, networks, permissions boundaries and paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from clickstream import (
    AlarmTopics,
    ClickDelivery,
    ClickstreamPipeline,
    Column,
    EventLake,
    ExistingLake,
    FunctionNetwork,
    LakeReadPolicy,
    Severity,
    SnowflakeLogin,
    SnowflakeSchema,
    SnowpipeUser,
)
from clickstream.gitlab import GitLabTrust, PipelineDeployRole, PipelineDiffRole
from clickstream.producer import ProducerNetwork, SampleProducer, producer_code
from tests.infrastructure.review import findings_in
from tests.infrastructure.synthesis import ACCOUNT, REGION, cdk_app, pipeline_config

COLUMNS = [Column("EVENT_ID", "VARCHAR"), Column("EVENT_TYPE", "VARCHAR")]
LOGIN = SnowflakeLogin(account="myorg-myaccount", user="U", role="R", warehouse="W")
PATH = "/teams/shop/"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
IAM = {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"}


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk_app(tmp_path), "Shop")


def pipeline(stack: cdk.Stack, **options: Any) -> ClickstreamPipeline:
    return ClickstreamPipeline(
        stack,
        "Clickstream",
        **{
            "name": "shop",
            "events": {"carts": COLUMNS},
            "schema": SnowflakeSchema("SHOP", "RAW"),
            "login": LOGIN,
            "monitor_login": LOGIN,
            **options,
        },
    )


def template(stack: cdk.Stack, *types: str) -> list[dict[str, Any]]:
    """The properties of the stack's resources of some types."""
    resources = assertions.Template.from_stack(stack).to_json()["Resources"].values()
    return [each.get("Properties", {}) for each in resources if each["Type"] in types]


def imported_lake(stack: cdk.Stack) -> ExistingLake:
    bucket = s3.Bucket.from_bucket_attributes(
        stack,
        "Bucket",
        bucket_name="their-bucket",
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY),
    )
    return ExistingLake(stack, "Lake", bucket=bucket, data_prefixes=["carts/"])


def test_an_imported_bucket_is_the_lake(stack: cdk.Stack) -> None:
    pipeline(stack, lake=imported_lake(stack))
    assert template(stack, "AWS::S3::Bucket", "AWS::S3::BucketPolicy") == []
    (delivery,) = template(stack, "AWS::KinesisFirehose::DeliveryStream")
    destination = delivery["ExtendedS3DestinationConfiguration"]
    assert str(destination["BucketARN"]).endswith(":s3:::their-bucket']]}")
    assert destination["EncryptionConfiguration"]["KMSEncryptionConfig"]["AWSKMSKeyARN"] == KEY
    (policy,) = template(stack, "AWS::IAM::ManagedPolicy")
    assert KEY in str(policy["PolicyDocument"])
    (notifications,) = template(stack, "Custom::S3BucketNotifications")
    assert notifications["BucketName"] == "their-bucket"


def test_an_imported_bucket_passes_the_review(stack: cdk.Stack, tmp_path: Path) -> None:
    pipeline(stack, lake=imported_lake(stack))
    app = cdk.App.of(stack)
    assert isinstance(app, cdk.App)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    app.synth()
    assert findings_in(tmp_path, pipeline_config()) == frozenset()


def test_a_lake_without_the_folder_of_a_kind_of_event_is_refused(stack: cdk.Stack) -> None:
    lake = EventLake(stack, "Lake", data_prefixes=["orders/"])
    with pytest.raises(ValueError, match=r"it has orders/, but not carts/"):
        pipeline(stack, lake=lake)


@pytest.mark.parametrize("name", ["", "Carts", "1-cart", "cart_items", "c" * 22])
def test_a_name_that_a_resource_cannot_have_is_refused(name: str, stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="letter first; got"):
        pipeline(stack, events={name: COLUMNS})


def test_a_source_of_an_unknown_kind_of_event_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="card is none of carts"):
        pipeline(stack, sources={"card": kinesis.Stream(stack, "Stream")})


def test_events_without_an_id_for_the_view_are_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"SHOP\.RAW\.CARTS does not have: EVENT_ID"):
        pipeline(stack, events={"carts": [Column("EVENT_TYPE", "VARCHAR")]})


def test_a_lake_takes_a_key_and_a_bucket_for_access_logs(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    logs = s3.Bucket.from_bucket_name(stack, "Logs", "their-logs")
    EventLake(stack, "Lake", encryption_key=key, access_log_bucket=logs)
    (bucket,) = template(stack, "AWS::S3::Bucket")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY
    assert bucket["LoggingConfiguration"]["DestinationBucketName"] == "their-logs"
    assert template(stack, "AWS::KMS::Key") == []


def test_a_delivery_reads_an_imported_stream(stack: cdk.Stack) -> None:
    arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/theirs"
    built = pipeline(stack, sources={"carts": kinesis.Stream.from_stream_arn(stack, "Stream", arn)})
    (delivery,) = template(stack, "AWS::KinesisFirehose::DeliveryStream")
    assert delivery["KinesisStreamSourceConfiguration"]["KinesisStreamARN"] == arn
    assert built.watches["carts"].stream is not None


def test_alarms_notify_imported_topics(stack: cdk.Stack) -> None:
    arns = {severity: f"arn:aws:sns:{REGION}:{ACCOUNT}:{severity.value}" for severity in Severity}
    pipeline(
        stack,
        topics={
            severity: sns.Topic.from_topic_arn(stack, severity.name, arn) for severity, arn in arns.items()
        },
    )
    alarms = template(stack, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    told = [arn for alarm in alarms for arn in alarm.get("AlarmActions", ())]
    assert set(told) == set(arns.values())
    assert template(stack, "AWS::SNS::Topic", "AWS::KMS::Key") == []


def test_topics_take_a_key(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    AlarmTopics(stack, "Topics", encryption_key=key)
    assert {topic["KmsMasterKeyId"] for topic in template(stack, "AWS::SNS::Topic")} == {key.key_arn}
    assert template(stack, "AWS::KMS::Key") == []


def their_vpc(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["a", "b"],
        private_subnet_ids=["subnet-0123456789abcdefa", "subnet-0123456789abcdefb"],
    )


def functions(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The properties of the pipeline's Lambdas, by handler."""
    ours = ("snowflake_setup.", "pipeline_monitor.")
    return {
        each["Handler"]: each
        for each in template(stack, "AWS::Lambda::Function")
        if each["Handler"].startswith(ours)
    }


def test_functions_run_in_given_subnets_and_security_groups(stack: cdk.Stack) -> None:
    vpc = their_vpc(stack)
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")
    subnets = ec2.SubnetSelection(
        subnets=[ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdefb")]
    )
    pipeline(stack, network=FunctionNetwork(vpc=vpc, subnets=subnets, security_groups=[group]))
    found = functions(stack)
    assert len(found) == 3
    for function in found.values():
        assert function["VpcConfig"] == {
            "SubnetIds": ["subnet-0123456789abcdefb"],
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
        }


def test_only_roles_of_functions_in_a_vpc_may_create_network_interfaces(stack: cdk.Stack) -> None:
    pipeline(stack, network=FunctionNetwork(vpc=their_vpc(stack)))
    attaching = [
        policy["Roles"]
        for policy in template(stack, "AWS::IAM::Policy")
        if "ec2:CreateNetworkInterface" in str(policy["PolicyDocument"])
    ]
    roles = [[{"Ref": each["Role"]["Fn::GetAtt"][0]}] for each in functions(stack).values()]
    assert sorted(map(str, attaching)) == sorted(map(str, roles))
    assert {tuple(each["VpcConfig"]["SubnetIds"]) for each in functions(stack).values()} == {
        ("subnet-0123456789abcdefa", "subnet-0123456789abcdefb")
    }
    assert len(template(stack, "AWS::EC2::SecurityGroup")) == 3


def everything_else(stack: cdk.Stack) -> None:
    """Constructs that are not in the pipeline and have roles, users and policies."""
    lake = EventLake(stack, "OtherLake")
    delivery = ClickDelivery(stack, "Delivery", lake=lake, delivery_stream_name="d", role_path=PATH)
    SnowpipeUser(
        stack,
        "User",
        read_policy=LakeReadPolicy(stack, "Read", lake=lake, path=PATH),
        user_name="u",
        path=PATH,
    )
    SampleProducer(
        stack,
        "Producer",
        delivery=delivery,
        deployment="shop",
        events="carts",
        contract="contract/click_event.schema.json",
        code=producer_code(stack, "Code", "arm64"),
        vpc=ProducerNetwork(stack, "Network", role_path=PATH).vpc,
        instance_type=ec2.InstanceType("t4g.nano"),
        role_path=PATH,
    )
    jobs = GitLabTrust(stack, "GitLab", url="https://gitlab.com", audiences=["a"]).jobs_of(
        project_path="p", branch="main", audience="a"
    )
    PipelineDeployRole(stack, "Deploy", role_name="deploy", role_path=PATH, assumed_by=jobs)
    PipelineDiffRole(stack, "Diff", role_name="diff", role_path=PATH, assumed_by=jobs, stack_names=["Shop"])


def test_every_role_user_and_policy_has_the_path(stack: cdk.Stack) -> None:
    pipeline(stack, role_path=PATH)
    everything_else(stack)
    assert {each.get("Path") for each in template(stack, *IAM)} == {PATH}
    (integration,) = template(stack, "Custom::SnowflakeStorageIntegration")
    assert str(integration["RoleArn"]).endswith(":role/teams/shop/shop-snowpipe-reader']]}")


def test_every_role_and_user_has_the_boundary(stack: cdk.Stack) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.from_managed_policy_arn(stack, "B", boundary))
    pipeline(stack)
    everything_else(stack)
    roles = template(stack, "AWS::IAM::Role", "AWS::IAM::User")
    assert len(roles) > 10
    assert {each.get("PermissionsBoundary") for each in roles} == {boundary}


def test_a_lake_of_another_stack_works_with_weak_references(tmp_path: Path) -> None:
    """`cdk init` makes apps whose stacks refer to each other without exports."""
    weak: dict[str, Any] = {"@aws-cdk/core:defaultCrossStackReferences": "weak"}
    app = cdk_app(tmp_path, **weak)
    lake = EventLake(cdk.Stack(app, "Storage"), "Lake", data_prefixes=["carts/"])
    pipeline(cdk.Stack(app, "Shop"), lake=lake)
    app.synth()
    assert (tmp_path / "Shop.template.json").exists()
