"""The stack with Snowpipe's access to the lake."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream import EventLake, LakeReadPolicy, SnowpipeUser
from config.model import PipelineConfig


class AccessStack(cdk.Stack):
    """Holds the read policy for Snowpipe and, unless Snowflake assumes a role instead, the user that reads.

    Both are always exported, since CloudFormation refuses to remove an export that another stack imports: so the
    landing stack can switch from one mode of access to the other in a separate deployment.

    The role of a storage integration is in the landing stack: its trust policy names a user that is known only after
    the integration has been created.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        lake: EventLake,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        self.read_policy = LakeReadPolicy(self, "LakeReadPolicy", lake=lake)
        self.export_value(self.read_policy.policy.managed_policy_arn)
        wanted = config.access.mode == "iam_user" or config.access.keep_user
        self.snowpipe_user = self._build_user(config) if wanted else None

    def _build_user(self, config: PipelineConfig) -> iam.IUser:
        user = SnowpipeUser(
            self, "SnowpipeUser", read_policy=self.read_policy, user_name=config.names.snowpipe_user
        ).user
        self.export_value(user.user_name)
        return user
