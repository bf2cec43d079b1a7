"""The sections of a config file about what is made in AWS: what may differ, and what each value may be.

Each description is what a person is told: in docs/configuration.md, and when a value does not fit.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from config.values import SNOWFLAKE_NAME, LogDays, Prefix, Section, SnowflakeName


class StorageConfig(Section):
    """The event lake."""

    bucket_name: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        description="bucket of the event lake: 3-63 lower-case letters, digits, dots, hyphens; empty: a unique one; "
        "to change it: docs/changes.md",
    )
    data_prefix: Prefix = Field(
        default="events/", description="folder that Snowpipe reads; ends with / and does not begin with it"
    )
    error_prefix: Prefix = Field(
        default="errors/",
        description="folder of what Firehose could not deliver; beside data_prefix, never under it",
    )
    encryption: Literal["s3_managed", "kms"] = Field(
        default="s3_managed",
        description="key at rest: S3's own, or a customer key, rotated yearly, which then stays: docs/changes.md",
    )
    infrequent_access_after_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="days until events move to cheaper storage, 30 or more; 0: never",
    )
    expire_events_after_days: int = Field(
        default=400, ge=0, le=3650, description="days until events are deleted; 0: never"
    )
    expire_errors_after_days: int = Field(
        default=90, ge=1, le=3650, description="days until delivery failures are deleted"
    )
    expire_access_logs_after_days: int = Field(
        default=90, ge=1, le=3650, description="days until access logs are deleted"
    )

    @model_validator(mode="after")
    def _prefixes_are_siblings(self) -> Self:
        if self.data_prefix.startswith(self.error_prefix) or self.error_prefix.startswith(self.data_prefix):
            raise ValueError(
                f"error_prefix {self.error_prefix!r} and data_prefix {self.data_prefix!r} must be siblings, "
                "or Snowpipe would load delivery failures as events"
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


class MoreEventsConfig(Section):
    """One more kind of event, with streams, a folder and a table of its own; up to 7 beside the click events."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,20}$",
        description="in the names of its streams: up to 21 lower-case letters, digits, hyphens, a letter first; "
        "to change it: docs/changes.md",
    )
    contract: str = Field(description="JSON Schema of its events, a path in this repository")
    data_prefix: Prefix = Field(description="its folder in the event lake; ends with / and lies in no other")
    table: SnowflakeName = Field(
        description=f"its table; stage, pipe and view are named after it: {SNOWFLAKE_NAME}"
    )


class KinesisConfig(Section):
    """The Kinesis Data Stream in front of Firehose; only read when `streaming.source` is `kinesis`."""

    stream_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9_.-]{1,128})?$",
        description="up to 128 letters, digits, _ . -; empty: <name>-<env>-events; to change it: docs/changes.md",
    )
    mode: Literal["provisioned", "on_demand"] = Field(
        default="provisioned", description="fixed shards, or as many as the traffic needs"
    )
    shard_count: int = Field(
        default=1, ge=1, le=10_000, description="provisioned only; 1 MiB/s or 1,000 records/s each"
    )
    retention_hours: int = Field(
        default=24, ge=24, le=8760, description="how long events outlive a failure downstream"
    )
    encryption: Literal["aws_managed", "customer_key"] = Field(
        default="aws_managed",
        description="AWS's key for Kinesis, or one of your own; to give that up: docs/changes.md",
    )


class StreamingConfig(Section):
    """How events reach the lake. Ranges are Firehose's BufferingHints.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
    """

    source: Literal["kinesis", "direct_put"] = Field(
        default="kinesis",
        description="producers write to a Kinesis Data Stream, or to Firehose directly; to change it: docs/changes.md",
    )
    kinesis: KinesisConfig = KinesisConfig()
    delivery_stream_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9_.-]{1,64})?$",
        description="up to 64 letters, digits, _ . -; empty: <name>-<env>-to-lake; to change it: docs/changes.md",
    )
    buffer_size_mib: int = Field(
        default=128,
        ge=1,
        le=128,
        description="a file is written once this much uncompressed input is waiting, or …",
    )
    buffer_interval_seconds: int = Field(
        default=60,
        ge=0,
        le=900,
        description="… this much time has passed; events are rows about a minute later",
    )
    log_retention_days: LogDays = Field(default=30, description="how long delivery errors stay in the logs")


class LambdaConfig(Section):
    """What the landing Lambda runs on, except on the laptop, which runs it with this machine's own Python."""

    architecture: Literal["arm64", "x86_64"] = Field(default="arm64", description="processor of the Lambda")
    log_retention_days: LogDays = Field(default=30, description="how long its logs are kept")


class SampleProducerConfig(Section):
    """An EC2 instance that sends generated click sessions: no SSH, no open port, off by default."""

    enabled: bool = Field(
        default=False, description="true: a stack of its own, <name>-<env>-Producer, holds it"
    )
    instance_type: str = Field(
        default="t4g.micro",
        pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$",
        description="such as t4g.micro (arm64) or t3.micro (x86_64)",
    )
    vpc_id: str = Field(
        default="", pattern=r"^(vpc-[0-9a-f]{8,17})?$", description="vpc-…; empty: a small VPC of its own"
    )
    subnet_id: str = Field(
        default="",
        pattern=r"^(subnet-[0-9a-f]{8,17})?$",
        description="subnet-… of vpc_id, with a way to AWS's endpoints and to Amazon Linux's packages (HTTPS)",
    )
    events_per_second: float = Field(default=1, gt=0, le=1000, description="how many events it sends")
    log_retention_days: LogDays = Field(default=30, description="how long its log and its VPC's are kept")

    @model_validator(mode="after")
    def _a_subnet_has_its_vpc(self) -> Self:
        if bool(self.vpc_id) != bool(self.subnet_id):
            raise ValueError(
                f"vpc_id = {self.vpc_id!r} and subnet_id = {self.subnet_id!r} go together: give both, or none for a "
                "small VPC of its own"
            )
        return self


class CiConfig(Section):
    """The GitLab pipeline that works on this environment; docs/ci.md sets it up."""

    branch: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._/-]{0,99})?$",
        description="the branch whose pipelines deploy this environment; empty: the one with its name",
    )
    project_path: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)?$",
        description="GitLab project, such as my-group/clickstream, whose pipelines may diff and deploy this environment: "
        "makes the stack Ci; empty: none may",
    )
    gitlab_url: str = Field(
        default="https://gitlab.com",
        pattern=r"^https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9._-]+)*$",
        description="that project's GitLab, as its tokens name it: https, no port, no slash at the end",
    )
    create_provider: bool = Field(
        default=True,
        description="false: the account trusts this GitLab already, for it can have one OIDC provider a URL",
    )
