"""The stack of the event lake, which outlives all others."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from clickstream import EventLake
from config.model import PipelineConfig


class StorageStack(cdk.Stack):
    """Holds the event lake."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        keep_data: bool,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        storage = config.storage
        self.lake = EventLake(
            self,
            "EventLake",
            bucket_name=storage.bucket_name or None,
            data_prefixes=[stream.data_prefix for stream in config.event_streams],
            error_prefix=storage.error_prefix,
            reject_prefix=storage.reject_prefix,
            customer_key=storage.encryption == "kms",
            infrequent_access_after=_days(storage.infrequent_access_after_days),
            expire_events_after=_days(storage.expire_events_after_days),
            expire_errors_after=_days(storage.expire_errors_after_days),
            expire_access_logs_after=_days(storage.expire_access_logs_after_days),
            removal_policy=(
                cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keep_data else cdk.RemovalPolicy.DESTROY
            ),
        )
        cdk.CfnOutput(
            self, "LakeBucketName", value=self.lake.bucket.bucket_name, description="Bucket of the event lake"
        )


def _days(days: int) -> cdk.Duration | None:
    """The duration; None (never) for zero days."""
    return cdk.Duration.days(days) if days else None
