"""Synthesized templates, and a fake CloudFormation that has deployed some of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cli.plan.templates import Resources, SynthesizedStack, collect
from snowflake_setup.lifecycle import RESOURCES
from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.sql.identifiers import ObjectName

HOME = {"Database": "DB", "Schema": "RAW"}
STACK = "clickstream-local-Landing"
STORAGE = "clickstream-local-Storage"
BUCKET = {"Fn::Join": ["", ["s3://", {"Fn::ImportValue": "lake-name"}, "/events/"]]}
Template = dict[str, Any]


def name(of: str) -> dict[str, str]:
    return {**HOME, "Name": of}


def landing() -> Template:
    """The landing stack's Snowflake objects, not in the order of their dependencies."""
    resources = {
        "Pipe": {
            "Type": "Custom::SnowflakePipe",
            "Properties": {
                **name("PIPE"),
                "Table": name("CLICKS"),
                "Stage": name("LAKE"),
                "StageUrl": BUCKET,
                "FileFormat": name("JSON"),
                "Metadata": [{"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"}],
                "OnError": "CONTINUE",
                "Comment": "clicks",
            },
            "DependsOn": ["Format", "Stage", "Table"],
        },
        "Refresh": {
            "Type": "Custom::SnowflakePipeRefresh",
            "Properties": {
                "Pipe": name("PIPE"),
                "Trigger": {"Fn::GetAtt": ["Pipe", "NotificationChannel"]},
            },
        },
        "Stage": {
            "Type": "Custom::SnowflakeStage",
            "Properties": {
                **name("LAKE"),
                "Url": BUCKET,
                "CredentialsSecretArn": {"Fn::ImportValue": "key-secret"},
                "CredentialsSerial": 0,
                "Comment": "lake",
            },
        },
        "Table": {
            "Type": "Custom::SnowflakeTable",
            "Properties": {
                **name("CLICKS"),
                "Columns": [
                    {"Name": "EVENT_ID", "Type": "VARCHAR"},
                    {"Name": "SCROLL_DEPTH", "Type": "NUMBER(38,0)"},
                    {"Name": "SOURCE_FILE", "Type": "VARCHAR"},
                ],
                "SchemaEvolution": True,
                "OnDelete": "retain",
                "Comment": "clicks",
            },
        },
        "Format": {
            "Type": "Custom::SnowflakeFileFormat",
            "Properties": {
                **name("JSON"),
                "Compression": "AUTO",
                "StripOuterArray": True,
                "MultiLine": False,
                "Comment": "json",
            },
        },
    }
    return {"Resources": copy.deepcopy(resources)}


def storage() -> Template:
    """The stack whose bucket the landing stack imports."""
    return {
        "Resources": {"Lake": {"Type": "AWS::S3::Bucket"}},
        "Outputs": {"Name": {"Value": {"Ref": "Lake"}, "Export": {"Name": "lake-name"}}},
    }


def write_assembly(folder: Path, template: Template, *, env: str = "local") -> Path:
    """Write a folder as `cdk synth` does."""
    folder.mkdir(parents=True, exist_ok=True)
    stacks = {STORAGE: storage(), STACK: template}
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree"}}
    for stack, content in stacks.items():
        (folder / f"{stack}.template.json").write_text(json.dumps(content))
        artifacts[stack] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://123456789012/eu-west-1",
            "properties": {"templateFile": f"{stack}.template.json", "tags": {"env": env}},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def both_sides(old: Template | None, new: Template) -> Resources:
    """The resources of a deployment of `new` over `old`."""
    stacks = [
        SynthesizedStack(name, "local", "123456789012", "eu-west-1", template)
        for name, template in ((STORAGE, storage()), (STACK, new))
    ]
    return collect(stacks, FakeCloudFormation(old))  # type: ignore[arg-type]


class FakeCloudFormation:
    """A CloudFormation with the storage stack and, if one is given, a landing template deployed."""

    def __init__(self, template: Template | None) -> None:
        self.templates = {STORAGE: storage(), **({STACK: template} if template else {})}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        self._require(StackName)
        return {"Stacks": [{"StackId": f"arn:stack/{StackName}"}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        self._require(StackName)
        return {"TemplateBody": copy.deepcopy(self.templates[StackName])}

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(self, operation)

    def _require(self, stack: str) -> None:
        if stack not in self.templates:
            error: Any = {"Code": "ValidationError", "Message": f"Stack with id {stack} does not exist"}
            raise ClientError({"Error": error}, "GetTemplate")


class _Pages:
    def __init__(self, cloudformation: FakeCloudFormation, operation: str) -> None:
        self._cloudformation = cloudformation
        self._operation = operation

    def paginate(self, **arguments: str) -> Iterator[dict[str, Any]]:
        if self._operation == "list_exports":
            yield {"Exports": [{"Name": "lake-name", "Value": "the-lake"}]}
            yield {"Exports": [{"Name": "key-secret", "Value": "arn:aws:secretsmanager:secret:key"}]}
            return
        resources = self._cloudformation.templates[arguments["StackName"]]["Resources"]
        yield {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": logical_id,
                    "PhysicalResourceId": physical_id(resource),
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for logical_id, resource in resources.items()
            ]
        }


def physical_id(resource: Template) -> str:
    """A physical id in the Lambda's format."""
    kind = RESOURCES.get(resource["Type"])
    if kind is None:
        return "the-lake"
    named = resource["Properties"].get("Pipe", resource["Properties"])
    parts = [named[part] for part in ("Database", "Schema", "Name") if part in named]
    return str(PhysicalId("acme", kind.kind, ObjectName.of(*parts)))
