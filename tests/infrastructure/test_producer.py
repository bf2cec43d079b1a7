"""The sample producer: off by default, unreachable from outside, and with four permissions."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.watched import drawn_metrics, widgets

Variant = Callable[[str], Pipeline]
GIVEN = {"vpc_id": "vpc-0123456789abcdef0", "subnet_id": "subnet-0123456789abcdef0"}
PLACEHOLDER = "placeholder"


@pytest.fixture(scope="module")
def producing(variant: Variant) -> Pipeline:
    return variant("sample producer")


def template_data(pipeline: Pipeline) -> dict[str, Any]:
    return dict(pipeline.properties("Producer", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"])


def user_data(pipeline: Pipeline) -> str:
    """The script as the instance gets it, with a placeholder for values known at deployment only."""
    parts = template_data(pipeline)["UserData"]["Fn::Base64"]["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else PLACEHOLDER for part in parts)


def heredoc(script: str, word: str) -> str:
    """The contents that the script writes to a file, with variables replaced."""
    (text,) = re.findall(rf"<<{word}\n(.*?\n){word}\n", script, re.DOTALL)
    settings = dict(re.findall(r"^([A-Z_]+)=\"?(.*?)\"?$", script, re.MULTILINE))
    return re.sub(r"\$([A-Z_]+)", lambda found: settings[found[1]], text)


def statements(pipeline: Pipeline) -> dict[str, Any]:
    """Permissions of the instance's role: action → resource."""
    (role,) = (
        name
        for name, role in pipeline.resources("Producer", "AWS::IAM::Role").items()
        if "ec2.amazonaws.com" in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    )
    (policy,) = (
        policy["Properties"]["PolicyDocument"]
        for policy in pipeline.resources("Producer", "AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"] == [{"Ref": role}]
    )
    properties = pipeline.resources("Producer", "AWS::IAM::Role")[role]["Properties"]
    assert not {"ManagedPolicyArns", "Policies"} & set(properties), "unexpected permissions"
    return {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_it_is_off_by_default(pipeline: Pipeline) -> None:
    assert set(pipeline.stacks) == {"Storage", "Streaming", "Access", "Landing", "Ops"}
    assert "AWS::EC2" not in json.dumps(pipeline.stacks)


def test_no_other_stack_uses_its_stack(producing: Pipeline) -> None:
    """It can be destroyed alone."""
    assert producing.dependencies["Producer"] == {"Streaming"}
    assert not [name for name, needed in producing.dependencies.items() if "Producer" in needed]
    assert not [o for o in producing.stacks["Producer"].get("Outputs", {}).values() if "Export" in o]


def test_it_can_be_deleted_in_production(variant: Variant) -> None:
    production = variant("sample producer in a given network")
    assert set(production.stacks) - production.protected == {"Producer"}


def test_no_inbound_traffic_and_only_https_outbound(producing: Pipeline) -> None:
    firewall = producing.properties("Producer", "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in firewall
    assert not producing.resources("Producer", "AWS::EC2::SecurityGroupIngress")
    assert [
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in firewall["SecurityGroupEgress"]
    ] == [("tcp", 443, 443)]
    (firewall_id,) = producing.resources("Producer", "AWS::EC2::SecurityGroup")
    assert template_data(producing)["SecurityGroupIds"] == [{"Fn::GetAtt": [firewall_id, "GroupId"]}]


def test_no_login_is_possible(producing: Pipeline) -> None:
    assert "KeyName" not in template_data(producing)
    assert not producing.resources("Producer", "AWS::EC2::KeyPair")
    assert not [action for action in statements(producing) if action.startswith(("ssm", "ec2messages"))]


def test_credentials_are_read_by_imdsv2_from_the_instance_itself(producing: Pipeline) -> None:
    assert template_data(producing)["MetadataOptions"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
        "InstanceMetadataTags": "disabled",
    }


def test_its_disk_is_encrypted_and_its_metrics_are_by_the_minute(producing: Pipeline) -> None:
    data = template_data(producing)
    assert [device["Ebs"] for device in data["BlockDeviceMappings"]] == [
        {"Encrypted": True, "VolumeSize": 8, "VolumeType": "gp3"}
    ]
    assert data["Monitoring"] == {"Enabled": True}
    assert data["EbsOptimized"] is True


@pytest.mark.parametrize(
    ("name", "sending"),
    [
        ("sample producer", {"kinesis:PutRecord", "kinesis:PutRecords"}),
        ("sample producer by direct put", {"firehose:PutRecord", "firehose:PutRecordBatch"}),
        (
            "sample producer in a given network",
            {"kinesis:PutRecord", "kinesis:PutRecords", "kms:GenerateDataKey"},
        ),
    ],
)
def test_it_may_send_fetch_its_code_log_and_signal_only(
    variant: Variant, name: str, sending: set[str]
) -> None:
    allowed = statements(variant(name))
    rest = {"s3:GetObject", "logs:CreateLogStream", "logs:PutLogEvents", "cloudformation:SignalResource"}
    assert set(allowed) == sending | rest
    assert all(allowed[action].keys() & {"Fn::ImportValue", "Fn::GetStackOutput"} for action in sending)
    assert re.search(r"/[0-9a-f]{64}\.zip\W*$", json.dumps(allowed["s3:GetObject"])), (
        "may read only its own code"
    )
    assert allowed["logs:PutLogEvents"]["Fn::GetAtt"][0].startswith("SampleProducerLogs")


@pytest.mark.parametrize(
    ("name", "option", "region", "rate"),
    [
        ("other values", "--stream", "eu-central-1", "2.5"),
        ("sample producer by direct put", "--delivery-stream", PLACEHOLDER, "1"),
    ],
)
def test_the_service_runs_the_producer_against_the_events_stream(
    variant: Variant, name: str, option: str, region: str, rate: str
) -> None:
    unit = heredoc(user_data(variant(name)), "UNIT")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, *arguments = shlex.split(command)
    assert (program, arguments[:3]) == ("/usr/bin/python3.14", ["-P", "-m", "producer"])
    assert dict(zip(arguments[3::2], arguments[4::2], strict=True)) == {
        option: PLACEHOLDER,
        "--region": region,
        "--rate": rate,
        "--contract": "contract/click_event.schema.json",
        "--deployment": "clickstream-test",
        "--events": "clicks",
    }
    assert {"Restart=always", "User=clickstream-producer", "NoNewPrivileges=yes"} <= set(unit.splitlines())


def test_the_setup_is_a_script_that_bash_can_read(producing: Pipeline) -> None:
    script = user_data(producing)
    assert script.startswith("#!/bin/bash\n")
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(script.encode()) < 16 * 1024, "EC2 takes no more"


def test_both_logs_go_to_its_log_group(producing: Pipeline) -> None:
    agent = json.loads(heredoc(user_data(producing), "JSON"))
    files = agent["logs"]["logs_collected"]["files"]["collect_list"]
    assert {file["log_group_name"] for file in files} == {PLACEHOLDER}
    unit = heredoc(user_data(producing), "UNIT")
    assert f"StandardOutput=append:{files[0]['file_path']}" in unit
    retentions = {
        group["Properties"]["RetentionInDays"]
        for group in producing.resources("Producer", "AWS::Logs::LogGroup").values()
    }
    assert retentions == {30}


def test_a_line_of_the_log_becomes_the_metric(producing: Pipeline) -> None:
    found = producing.properties("Producer", "AWS::Logs::MetricFilter")
    (metric,) = found["MetricTransformations"]
    assert found["FilterPattern"] == (
        '{ ($.sent >= 0) && ($.deployment = "clickstream-test") && ($.events = "clicks") }'
    )
    assert metric == {
        "MetricNamespace": "Clickstream",
        "MetricName": "SentEvents",
        "MetricValue": "$.sent",
        "Dimensions": [
            {"Key": "Deployment", "Value": "$.deployment"},
            {"Key": "Events", "Value": "$.events"},
        ],
    }


def test_its_dashboard_metrics_exist(producing: Pipeline) -> None:
    (graph,) = (one for one in widgets(producing) if one["properties"].get("title") == "0 Sample producer")
    group = producing.properties("Producer", "AWS::AutoScaling::AutoScalingGroup")["AutoScalingGroupName"]
    sent = [{"Name": "Deployment", "Value": "clickstream-test"}, {"Name": "Events", "Value": "clicks"}]
    assert list(drawn_metrics(graph)) == [
        ("Clickstream", "SentEvents", sent),
        ("AWS/EC2", "CPUUtilization", [{"Name": "AutoScalingGroupName", "Value": group}]),
    ]


def test_a_deployment_waits_for_the_first_event(producing: Pipeline) -> None:
    group = producing.resource("Producer", "AWS::AutoScaling::AutoScalingGroup")
    assert group["CreationPolicy"]["ResourceSignal"] == {"Count": 1, "Timeout": "PT10M"}
    assert group["UpdatePolicy"]["AutoScalingRollingUpdate"]["WaitOnResourceSignals"] is True
    (logical_id,) = producing.resources("Producer", "AWS::AutoScaling::AutoScalingGroup")
    assert f"--stack clickstream-test-Producer --resource {logical_id} " in user_data(producing)
    assert {"MinSize": "1", "MaxSize": "1"}.items() <= group["Properties"].items()


def test_the_group_depends_on_its_permissions_and_route(producing: Pipeline) -> None:
    needed = json.dumps(producing.resource("Producer", "AWS::AutoScaling::AutoScalingGroup")["DependsOn"])
    assert "WayOut" in needed
    assert "RoleDefaultPolicy" in needed


def test_its_own_network_is_one_public_subnet_without_nat_and_with_flow_logs(producing: Pipeline) -> None:
    assert len(producing.resources("Producer", "AWS::EC2::Subnet")) == 1
    assert not producing.resources("Producer", "AWS::EC2::NatGateway")
    (network,) = producing.resources("Producer", "AWS::EC2::VPC")
    flows = producing.properties("Producer", "AWS::EC2::FlowLog")
    assert (flows["ResourceId"], flows["TrafficType"]) == ({"Ref": network}, "ALL")


def test_a_given_network_is_used_unchanged(variant: Variant) -> None:
    pipeline = variant("sample producer in a given network")
    for kind in ("VPC", "Subnet", "InternetGateway", "FlowLog", "Route"):
        assert not pipeline.resources("Producer", f"AWS::EC2::{kind}"), kind
    group = pipeline.properties("Producer", "AWS::AutoScaling::AutoScalingGroup")
    assert group["VPCZoneIdentifier"] == [GIVEN["subnet_id"]]
    assert pipeline.properties("Producer", "AWS::EC2::SecurityGroup")["VpcId"] == GIVEN["vpc_id"]


@pytest.mark.parametrize(("name", "processor"), [("sample producer", "arm64"), ("other values", "x86_64")])
def test_the_image_follows_the_instance_and_is_read_at_deployment(
    variant: Variant, name: str, processor: str
) -> None:
    pipeline = variant(name)
    parameter = pipeline.stacks["Producer"]["Parameters"][template_data(pipeline)["ImageId"]["Ref"]]
    assert parameter == {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{processor}",
    }


@pytest.mark.parametrize("name", ["sample producer", "sample producer in a given network"])
def test_synthesis_looks_up_nothing_in_the_account(variant: Variant, name: str) -> None:
    assert variant(name).lookups == []
