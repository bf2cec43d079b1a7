"""The reader of the event lake that logs in with an access key."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from clickstream.lake.reader import LakeReadPolicy
from clickstream.review import acknowledge


class SnowpipeUser(Construct):
    """An IAM user with an access key and no console, who may read events and nothing else.

    Its rights come to it through a group with one managed policy. The access key goes straight into Secrets Manager.

    Args:
        scope: the parent.
        construct_id: its name there.
        read_policy: what it may do.
        user_name: the user's name.
        access_key_serial: add one to have CloudFormation make a new access key. The old one is left alive, for the
            stage reads with it until its own stack is updated: `clickstream rotate-access-key` puts it away.

    https://docs.snowflake.com/en/user-guide/data-load-s3-config-aws-iam-user
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        read_policy: LakeReadPolicy,
        user_name: str,
        access_key_serial: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        self.access_key_serial = access_key_serial
        group = iam.Group(self, "Readers", managed_policies=[read_policy.policy])
        self._user = iam.User(self, "User", user_name=user_name, groups=[group])
        self._credentials = self._build_credentials()

    @property
    def user(self) -> iam.IUser:
        """The user, for wiring."""
        return self._user

    @property
    def credentials(self) -> secretsmanager.ISecret:
        """The secret that holds `aws_access_key_id` and `aws_secret_access_key`."""
        return self._credentials

    def _build_credentials(self) -> secretsmanager.Secret:
        key = iam.AccessKey(self, "AccessKey", user=self._user, serial=self.access_key_serial)
        resource = key.node.default_child
        if isinstance(resource, iam.CfnAccessKey):
            resource.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
            acknowledge(
                key,
                "CloudFormation-Validate::W3011",
                reason="Only a replaced key stays alive, until `clickstream rotate-access-key` puts it away; the key "
                "of a user that is deleted goes with it.",
            )
        secret = secretsmanager.Secret(
            self,
            "Credentials",
            description="Access key of the Snowpipe user, read by the landing Lambda",
            secret_object_value={
                "aws_access_key_id": cdk.SecretValue.resource_attribute(key.access_key_id),
                "aws_secret_access_key": key.secret_access_key,
            },
        )
        acknowledge(
            secret,
            "AwsSolutions-SMG4",
            reason="A key that Secrets Manager rotated alone would leave Snowflake's stage with a dead one. Raising "
            "access_key_serial replaces key, secret and stage credentials in one deployment (docs/adr/0009).",
        )
        return secret
