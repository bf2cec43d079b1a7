"""The AWS emulator for tests, driven through boto3."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.environment import client_environment
from laptop.cloud.health import is_healthy
from laptop.cloud.servers import AWS, HEALTH_PATHS
from laptop.testing.waiting import eventually, free_port

REGION = "eu-west-1"
ACCOUNT = "000000000000"
# A role that services may assume and that allows everything; tests of permissions create their own.
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


def zipped(files: dict[str, str]) -> bytes:
    """A function's code: a zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def unique(name: str) -> str:
    """A name that no other test uses."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class Emulator:
    """A running emulator, driven as its administrator."""

    pid: int
    port: int
    log: Path

    @classmethod
    def of(cls, cloud: LaptopCloud) -> Emulator:
        """The emulator of a laptop cloud."""
        (server,) = [server for server in cloud.status().servers if server.name == AWS]
        return cls(server.pid, server.port, Path(server.log)).prepared()

    def prepared(self) -> Self:
        """Create the role that allows everything."""
        anything = {"Action": "*", "Resource": "*"}
        self.create_role("any", ["firehose.amazonaws.com", "lambda.amazonaws.com"], anything)
        return self

    def environment(self) -> dict[str, str]:
        """The environment variables that other programs need to reach it."""
        return client_environment(aws_port=self.port, region=REGION)

    def client(self, service: str) -> Any:
        """A client of one service, which does not retry."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the administrator's
            config=Config(
                retries={"max_attempts": 1},
                s3={"addressing_style": "path"},
                read_timeout=30,
                parameter_validation=False,
            ),
        )

    def deploy(self, resources: dict[str, Any], stack: str | None = None, **more: Any) -> str:
        """Create or update a stack and wait; return its name."""
        cloudformation = self.client("cloudformation")
        template = json.dumps({"Resources": resources, **more})
        if stack is None:
            stack = unique("stack")
            cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=CAPABILITIES)
        else:
            cloudformation.update_stack(StackName=stack, TemplateBody=template, Capabilities=CAPABILITIES)
        self.settled(stack)
        return stack

    def settled(self, stack: str) -> dict[str, Any]:
        """Wait for the end of a stack's operation; return the stack."""
        cloudformation = self.client("cloudformation")

        def described() -> dict[str, Any] | None:
            found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
            return None if found["StackStatus"].endswith("IN_PROGRESS") else found

        return eventually(described, within=30)

    def status(self, stack: str) -> str:
        """The status of a stack after the end of its operation."""
        return str(self.settled(stack)["StackStatus"])

    def physical_id(self, stack: str, logical_id: str) -> str:
        """The physical id of a resource."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def delete(self, stack: str) -> str:
        """Delete a stack; return its last status."""
        cloudformation = self.client("cloudformation")
        stack_id = self.settled(stack)["StackId"]
        cloudformation.delete_stack(StackName=stack)
        return self.status(stack_id)

    def active_delivery_stream(self, name: str) -> str:
        """Wait until a delivery stream takes records; return its name."""
        describe = self.client("firehose").describe_delivery_stream

        def is_active() -> bool:
            described = describe(DeliveryStreamName=name)["DeliveryStreamDescription"]
            return bool(described["DeliveryStreamStatus"] == "ACTIVE")

        eventually(is_active, within=30)
        return name

    def create_role(self, name: str, service: str | list[str], *statements: dict[str, Any]) -> str:
        """Create a role for services with these permissions; return its ARN."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        if statements:
            self.grant(name, *statements)
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def grant(self, role: str, *statements: dict[str, Any]) -> None:
        """Give a role exactly these permissions."""
        if statements:
            document = policy(*({"Effect": "Allow", **statement} for statement in statements))
            self.client("iam").put_role_policy(RoleName=role, PolicyName="rights", PolicyDocument=document)
        else:
            self.client("iam").delete_role_policy(RoleName=role, PolicyName="rights")

    def create_bucket(self, name: str | None = None) -> str:
        """Create a bucket; return its name."""
        name = name or unique("bucket")
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """The content of every object, by its key."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@contextmanager
def running_emulator(
    state_dir: Path, *, notification_seconds: float = 2
) -> Iterator[tuple[Emulator, subprocess.Popen[bytes]]]:
    """An emulator without the rest of the laptop cloud, and its process, which ends with its standard input."""
    port, log = free_port(), state_dir.parent / f"{state_dir.name}.log"
    command = [sys.executable, "-m", "laptop.aws", "--region", REGION, "--port", str(port)]
    command += ["--notification-seconds", str(notification_seconds)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own argument list
            [*command, "--state-dir", str(state_dir)], stdin=subprocess.PIPE, stdout=output, stderr=output
        )
    with process:
        eventually(lambda: _answers(process, port, log), within=60)
        yield Emulator(process.pid, port, log).prepared(), process


def _answers(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return is_healthy(f"http://127.0.0.1:{port}{HEALTH_PATHS[AWS]}")
