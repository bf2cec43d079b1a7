"""The stack that decides who may read the lake for Snowpipe."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from clickstream import EventLake, LakeReadPolicy, SnowpipeUser
from config.model import PipelineConfig


class AccessStack(cdk.Stack):
    """Holds what Snowpipe may read and, unless Snowflake assumes a role instead, the user that reads.

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
        wanted = config.access.mode == "iam_user" or config.access.keep_user
        self.snowpipe_user = self._build_user(config) if wanted else None

    def _build_user(self, config: PipelineConfig) -> SnowpipeUser:
        return SnowpipeUser(
            self,
            "SnowpipeUser",
            read_policy=self.read_policy,
            user_name=config.names.snowpipe_user,
            access_key_serial=config.access.access_key_serial,
        )
