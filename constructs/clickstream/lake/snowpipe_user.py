"""The IAM user that reads the event lake for Snowpipe."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream.lake.reader import LakeReadPolicy


class SnowpipeUser(Construct):
    """An IAM user without console access that may read events and nothing else.

    It has its rights through a group with one managed policy. Its access key is a `StageKey`, in the stack of the
    stages that use it.

    Args:
        scope: the parent.
        construct_id: its name there.
        read_policy: its rights.
        user_name: the user's name.
        path: the path of user and group.

    https://docs.snowflake.com/en/user-guide/data-load-s3-config-aws-iam-user
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        read_policy: LakeReadPolicy,
        user_name: str,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        group = iam.Group(self, "Readers", path=path, managed_policies=[read_policy.policy])
        self._user = iam.User(self, "User", user_name=user_name, path=path, groups=[group])

    @property
    def user(self) -> iam.IUser:
        """The user, for its key."""
        return self._user
