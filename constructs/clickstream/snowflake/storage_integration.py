"""The storage integration: Snowflake assumes a role to read the lake, without a stored key."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream.lake.lake import Lake
from clickstream.lake.reader import LakeReadPolicy
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream_wire import resources
from clickstream_wire.resources import OWNER_ROLE, Attribute, ResourceType


class SnowflakeStorageIntegration(Construct):
    """A storage integration and the IAM role it assumes, both created in one deployment.

    The integration comes first, with the role's future ARN and a chosen external ID; it returns the IAM user that
    Snowflake acts as. Then the role, whose trust policy names exactly that user and external ID: it never contains a
    wildcard or a placeholder.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates the integration.
        name: the integration's name, unique in the Snowflake account.
        lake: its data prefixes are all that it may read.
        read_policy: the role's rights.
        role_name: the role's name; fixed, since the integration refers to it before it exists.
        external_id: distinguishes this integration from others of the same Snowflake account; not a secret.
        role_path: the role's path; fixed like its name.
        comment: shown in Snowflake.

    https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: str,
        lake: Lake,
        read_policy: LakeReadPolicy,
        role_name: str,
        external_id: str,
        role_path: str | None = None,
        comment: str = "",
    ) -> None:
        super().__init__(scope, construct_id)
        self.integration_name = name
        properties: resources.StorageIntegration = {
            "Name": name,
            "RoleArn": cdk.Stack.of(self).format_arn(
                service="iam",
                region="",
                resource=f"role{(role_path or '').rstrip('/')}",
                resource_name=role_name,
            ),
            "ExternalId": external_id,
            "AllowedLocations": [f"s3://{lake.bucket.bucket_name}/{prefix}" for prefix in lake.data_prefixes],
            "Comment": comment,
        }
        owned = {**properties, OWNER_ROLE: provider.role}
        self._integration = provider.serve(self, "Resource", ResourceType.STORAGE_INTEGRATION, owned)
        self._role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            path=role_path,
            description="Snowflake assumes it to read click events",
            assumed_by=iam.ArnPrincipal(
                self._integration.get_att_string(Attribute.IAM_USER_ARN)
            ).with_conditions({"StringEquals": {"sts:ExternalId": external_id}}),
            managed_policies=[read_policy.policy],
        )

    @property
    def role(self) -> iam.IRole:
        """The role that Snowflake assumes; a stage must depend on it."""
        return self._role
