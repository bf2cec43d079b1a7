"""The stack that decides who may read the lake for Snowpipe."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream import EventLake, LakeReadPolicy, SnowpipeUser
from config.model import PipelineConfig


class AccessStack(cdk.Stack):
    """Holds what Snowpipe may read and, unless Snowflake assumes a role instead, the user that reads.

    Both are exported whoever uses them, since CloudFormation takes no export back that another stack imports: that lets
    the landing stack switch from one way of reading to the other in a deployment of its own.

    The role of a storage integration lives in the landing stack: its trust names a user that only the integration
    tells, and the integration is Snowflake's.
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
