"""The access key that a stage reads the lake with."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from clickstream.review import acknowledge
from clickstream_wire.secrets import AccessKey


class StageKey(Construct):
    """An access key of an IAM user, stored in Secrets Manager, for stages of the same stack.

    A higher serial rotates it in one deployment: CloudFormation creates the new key, stores it, has the landing Lambda
    set and test it on each stage, and then deletes the old key. If a stage cannot read with the new key, the deployment
    fails and the old key is restored.

    Args:
        scope: the parent, in the stack of the stages that use the key.
        construct_id: its name there.
        user: the owner of the key; IAM allows two keys a user, so it must have no other.
        serial: raise it by one to rotate the key.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-accesskey.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, user: iam.IUser, serial: int = 0) -> None:
        super().__init__(scope, construct_id)
        self.serial = serial
        key = iam.AccessKey(self, "AccessKey", user=user, serial=serial)
        self._secret = secretsmanager.Secret(
            self,
            "Credentials",
            description="Access key of the Snowpipe user, read by the landing Lambda",
            secret_object_value={
                AccessKey.ID: cdk.SecretValue.resource_attribute(key.access_key_id),
                AccessKey.SECRET: key.secret_access_key,
            },
        )
        acknowledge(
            self._secret,
            "AwsSolutions-SMG4",
            reason="If Secrets Manager rotated the key by itself, the stage would keep the deleted one. Raising the "
            "serial replaces key, secret and stage credentials in one deployment (docs/adr/0020).",
        )

    @property
    def secret(self) -> secretsmanager.ISecret:
        """The secret that holds both halves of the key."""
        return self._secret
