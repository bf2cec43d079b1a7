"""Notifications of new files in the lake: to Snowpipe, and to EventBridge for other receivers."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from clickstream.lake.lake import Lake
from clickstream.log_groups import log_to, private_log_group
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream_wire.resources import NOTIFICATION_DELAY, NotificationDelay

# The id that aws-cdk-lib gives the function, one in each stack.
_HANDLER = "BucketNotificationsHandler050a0587b7544547bf325f094a3db834"


class LakeNotifications(Construct):
    """The one owner of the lake's notification configuration.

    A bucket has a single notification configuration and a second writer would overwrite it: keep every receiver here.
    EventBridge is enabled as well, so that others can subscribe without changing it. What depends on this construct
    waits until S3 has begun to announce, about six minutes after a change.

    Args:
        scope: the parent.
        construct_id: its name there.
        lake: the lake that sends the notifications.
        channels: data prefix → ARN of the SQS queue that its pipe reads; failures are never announced.
        provider: the Lambda that waits.
        role_path: the path of the role that writes the configuration.
        log_retention: how long the logs of the function that does are kept.

    https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        lake: Lake,
        channels: Mapping[str, str],
        provider: SnowflakeProvider,
        role_path: str | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = private_log_group(self, "Logs", log_retention)
        # Imported by name, so that the configuration belongs to this stack even if the lake is in another: the channel
        # exists only after the pipe, the pipe only after the bucket.
        bucket = s3.Bucket.from_bucket_attributes(
            self,
            "Lake",
            bucket_name=lake.bucket.bucket_name,
            notifications_handler_role=self._build_role(lake, log_group, role_path).without_policy_updates(),
        )
        for number, (prefix, arn) in enumerate(channels.items()):
            bucket.add_event_notification(
                # Not only Put: Firehose writes large files, and all below 60 s of buffering, as multipart uploads.
                s3.EventType.OBJECT_CREATED,
                notifications.SqsDestination(sqs.Queue.from_queue_arn(self, f"Channel{number or ''}", arn)),
                s3.NotificationKeyFilter(prefix=prefix),
            )
        bucket.enable_event_bridge_notification()
        trigger: NotificationDelay = {
            "Trigger": [f"{bucket.bucket_name}/{prefix} {arn}" for prefix, arn in channels.items()]
        }
        provider.serve(self, "Delay", NOTIFICATION_DELAY, trigger).node.add_dependency(bucket)
        log_to(log_group, cdk.Stack.of(self).node.find_child(_HANDLER).node.find_child("Resource"))

    def _build_role(self, lake: Lake, log_group: logs.ILogGroup, path: str | None) -> iam.Role:
        """The rights of the library's handler, for this bucket alone; by default it would have them on every bucket."""
        return iam.Role(
            self,
            "Role",
            path=path,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Writes the event lake's notification configuration",
            inline_policies={
                "WriteNotifications": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["s3:GetBucketNotification", "s3:PutBucketNotification"],
                            resources=[lake.bucket.bucket_arn],
                        ),
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        ),
                    ]
                )
            },
        )
