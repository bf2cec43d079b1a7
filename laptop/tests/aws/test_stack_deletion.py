"""Deletion of stacks: retained resources stay, and buckets with objects cannot be deleted."""

from __future__ import annotations

import json
from typing import Any

from laptop.testing.aws import ROLE, Emulator, unique, zipped

# As the CDK's auto_delete_objects: a Node Lambda with the SDK of AWS's runtime.
EMPTY_THE_BUCKET = """
const { S3 } = require("@aws-sdk/client-s3");
exports.handler = async (event) => {
  const s3 = new S3({});
  const Bucket = event.bucket;
  const found = await s3.listObjectVersions({ Bucket });
  const Objects = [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])]
    .map(({ Key, VersionId }) => ({ Key, VersionId }));
  await s3.deleteObjects({ Bucket, Delete: { Objects } });
  return Objects.length;
};
"""


def lake(name: str, policy: str | None = None) -> dict[str, Any]:
    properties = {"BucketName": name, "VersioningConfiguration": {"Status": "Enabled"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    return bucket | ({"DeletionPolicy": policy} if policy else {})


def test_a_retained_bucket_stays_with_its_objects(emulator: Emulator) -> None:
    for policy in ("Retain", "RetainExceptOnCreate"):
        name = unique("lake")
        stack = emulator.deploy({"Lake": lake(name, policy)})
        emulator.client("s3").put_object(Bucket=name, Key="event", Body=b"kept")
        assert emulator.delete(stack) == "DELETE_COMPLETE"
        assert emulator.objects(name) == {"event": b"kept"}


def test_retain_except_on_create_leaves_nothing_of_a_stack_whose_creation_failed(emulator: Emulator) -> None:
    name = unique("lake")
    failing = {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "missing"}, "DependsOn": "Lake"}
    stack = emulator.deploy({"Lake": lake(name, "RetainExceptOnCreate"), "Failing": failing})
    assert emulator.status(stack) == "ROLLBACK_COMPLETE"
    assert name not in {bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]}


def test_a_bucket_with_objects_is_not_deleted(emulator: Emulator) -> None:
    name = unique("lake")
    stack = emulator.deploy({"Lake": lake(name)})
    emulator.client("s3").put_object(Bucket=name, Key="event", Body=b"precious")
    assert emulator.delete(stack) == "DELETE_FAILED"
    assert emulator.objects(name) == {"event": b"precious"}


def test_a_node_lambda_can_empty_a_versioned_bucket_before_its_deletion(emulator: Emulator) -> None:
    name, s3 = unique("lake"), emulator.client("s3")
    stack = emulator.deploy({"Lake": lake(name)})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=name, Key="event", Body=body)
    s3.delete_object(Bucket=name, Key="event")
    function = unique("auto-delete")
    emulator.client("lambda").create_function(
        FunctionName=function,
        Runtime="nodejs22.x",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.js": EMPTY_THE_BUCKET})},
        Timeout=60,
    )
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"bucket": name}))
    assert json.loads(answer["Payload"].read()) == 3
    assert emulator.delete(stack) == "DELETE_COMPLETE"
