"""The `[storage]` section: the event lake."""

from __future__ import annotations

from itertools import permutations
from typing import Literal, Self

from pydantic import Field, model_validator

from config.sections.aws_limits import BucketName
from config.sections.values import Prefix, Section


class StorageConfig(Section):
    """The event lake."""

    bucket_name: BucketName = Field(
        default="",
        description="bucket of the event lake: 3-63 lower-case letters, digits, dots, hyphens; empty: a unique one; "
        "to change it: docs/changes.md",
    )
    data_prefix: Prefix = Field(
        default="events/", description="folder that Snowpipe reads; ends with / and does not begin with it"
    )
    error_prefix: Prefix = Field(
        default="errors/",
        description="folder of events that Firehose could not deliver; a sibling of data_prefix, not inside it",
    )
    reject_prefix: Prefix = Field(
        default="rejects/", description="folder of what the event gate rejected; a sibling of the others"
    )
    encryption: Literal["s3_managed", "kms"] = Field(
        default="s3_managed",
        description="key at rest: S3's own, or a customer key, rotated yearly, which is permanent: docs/changes.md",
    )
    infrequent_access_after_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="days until events move to cheaper storage, 30 or more; 0: never",
    )
    expire_events_after_days: int = Field(
        default=400,
        ge=0,
        le=3650,
        description="days until events are deleted from the lake; 0: never; rows in Snowflake: rows.keep_days",
    )
    expire_errors_after_days: int = Field(
        default=90, ge=1, le=3650, description="days until delivery failures and rejects are deleted"
    )
    expire_access_logs_after_days: int = Field(
        default=90, ge=1, le=3650, description="days until access logs are deleted"
    )

    @model_validator(mode="after")
    def _prefixes_are_siblings(self) -> Self:
        folders = {name: getattr(self, name) for name in ("data_prefix", "error_prefix", "reject_prefix")}
        for (name, folder), (other_name, other) in permutations(folders.items(), 2):
            if folder.startswith(other):
                raise ValueError(
                    f"{name} {folder!r} and {other_name} {other!r} must be siblings, or Snowpipe would load what it "
                    "should not"
                )
        return self

    @model_validator(mode="after")
    def _colder_before_gone(self) -> Self:
        cold, gone = self.infrequent_access_after_days, self.expire_events_after_days
        if 0 < cold < 30:
            raise ValueError(f"infrequent_access_after_days = {cold}: S3 allows 30 or more, or 0 for never")
        if cold and gone and gone <= cold:
            raise ValueError(
                f"expire_events_after_days = {gone} must exceed infrequent_access_after_days = {cold}"
            )
        return self
