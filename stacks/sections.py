"""The sections of a config file: what may differ between two deployments, and what each value may be.

Each description is what a person is told: in docs/configuration.md, and when a value does not fit.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.=-]+(/[a-zA-Z0-9_.=-]+)*/$")]
# Snowflake folds an unquoted name to upper case; so do we, and quote the result everywhere.
SnowflakeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_$]{0,254}$", to_upper=True)]
OptionalSnowflakeName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_$]{0,254})?$", to_upper=True)
]

_NAME = "a letter or underscore, then letters, digits, _ or $"


class Section(BaseModel):
    """A table of the config file: frozen, and closed to keys nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    table: SnowflakeName = Field(description=f"its table; stage, pipe and view are named after it: {_NAME}")


class KinesisConfig(Section):
    """The Kinesis Data Stream in front of Firehose; only read when `streaming.source` is `kinesis`."""

    stream_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9_.-]{1,128})?$",
        description="up to 128 letters, digits, _ . -; empty: <name>-<stage>-events; to change it: docs/changes.md",
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
        description="up to 64 letters, digits, _ . -; empty: <name>-<stage>-to-lake; to change it: docs/changes.md",
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


class AccessConfig(Section):
    """Who reads the lake on Snowpipe's behalf."""

    mode: Literal["iam_user", "storage_integration"] = Field(
        default="iam_user", description="a user with an access key, or a role that Snowflake assumes"
    )
    keep_user: bool = Field(
        default=False,
        description="storage_integration only: keep the user for the deploy that switches a live stage",
    )
    role_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@_-]{1,64})?$",
        description="IAM role of a storage integration: up to 64 letters, digits, + = , . @ _ -; "
        "empty: <name>-<stage>-snowpipe-reader",
    )
    external_id: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@:/_-]{2,256})?$",
        description="2-256 letters, digits, + = , . @ : / _ -; no secret; empty: <name>-<stage>",
    )
    user_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@_-]{1,64})?$",
        description="IAM user, up to 64 letters, digits, + = , . @ _ -; empty: <name>-<stage>-snowpipe",
    )
    access_key_serial: int = Field(
        default=0, ge=0, description="add one to replace the user's access key at the next deploy"
    )


class SnowflakeConfig(Section):
    """Where the events become rows, and how the deployment logs in there."""

    account: str = Field(
        pattern=r"^[A-Za-z0-9_]+([.-][A-Za-z0-9_-]+)*$",
        description="the account identifier, such as myorg-myaccount",
    )
    host: str = Field(
        default="",
        pattern=r"^([a-z0-9_-]+(\.[a-z0-9_-]+)+)?$",
        description="host name without https://, where it does not follow from the account, such as one that ends in "
        ".snowflakecomputing.cn; the functions run outside a VPC, so not one of PrivateLink",
    )
    database: SnowflakeName = Field(default="CLICKSTREAM", description=f"database: {_NAME}")
    schema_name: SnowflakeName = Field(default="RAW", alias="schema", description=f"schema: {_NAME}")
    role: SnowflakeName = Field(
        default="CLICKSTREAM_DEPLOY", description=f"role a deployment acts in: {_NAME}"
    )
    user: SnowflakeName = Field(
        default="CLICKSTREAM_DEPLOY", description=f"service user that logs in: {_NAME}"
    )
    monitor_role: SnowflakeName = Field(
        default="CLICKSTREAM_MONITOR", description=f"role the monitor acts in: {_NAME}"
    )
    monitor_user: SnowflakeName = Field(
        default="CLICKSTREAM_MONITOR", description=f"service user the monitor logs in as: {_NAME}"
    )
    warehouse: OptionalSnowflakeName = Field(
        default="CLICKSTREAM",
        description=f"reads the load history, for the monitor and when a pipe is replaced; empty: none, or {_NAME}",
    )
    login: Literal["workload_identity", "key_pair"] = Field(
        default="workload_identity", description="the Lambda's IAM role is the login, or a private key is"
    )
    login_secret_name: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9/_+=.@-]{0,512}$",
        description='key_pair only: the Secrets Manager secret with {"private_key": "-----BEGIN …"}',
    )
    monitor_login_secret_name: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9/_+=.@-]{0,512}$",
        description="key_pair only: the like secret of the monitor's user",
    )
    file_format: SnowflakeName = Field(default="CLICK_EVENTS_JSON", description=f"file format: {_NAME}")
    stage: SnowflakeName = Field(default="CLICK_EVENTS_LAKE", description=f"external stage: {_NAME}")
    table: SnowflakeName = Field(default="CLICK_EVENTS", description=f"table: {_NAME}")
    pipe: SnowflakeName = Field(default="CLICK_EVENTS_PIPE", description=f"pipe: {_NAME}")
    view: SnowflakeName = Field(
        default="CLICK_EVENTS_DEDUPLICATED", description=f"view of each event once, for analysts: {_NAME}"
    )
    storage_integration: str = Field(
        default="",
        pattern=r"^([A-Za-z_][A-Za-z0-9_$]{0,254})?$",
        description=f"its name in the Snowflake account; empty: <NAME>_<STAGE>_LAKE, or {_NAME}",
    )
    on_error: str = Field(
        default="CONTINUE",
        pattern=r"^(CONTINUE|SKIP_FILE(_[0-9]+%?)?)$",
        description="file with bad lines: CONTINUE loads the rest; SKIP_FILE, SKIP_FILE_<n>, SKIP_FILE_<n>% skip it",
    )
    schema_evolution: bool = Field(
        default=True,
        description="true: a field that the contract does not list becomes a column; false: it stays in the lake only",
    )

    @model_validator(mode="after")
    def _key_pair_needs_its_secret(self) -> Self:
        if self.login == "key_pair" and not self.login_secret_name:
            raise ValueError(
                "login = 'key_pair' needs login_secret_name, the Secrets Manager secret that holds the private key"
            )
        return self


class LambdaConfig(Section):
    """What the landing Lambda runs on, except on the laptop, which runs it with this machine's own Python."""

    architecture: Literal["arm64", "x86_64"] = Field(default="arm64", description="processor of the Lambda")
    log_retention_days: LogDays = Field(default=30, description="how long its logs are kept")


class SampleProducerConfig(Section):
    """An EC2 instance that sends generated click sessions: no SSH, no open port, off by default."""

    enabled: bool = Field(
        default=False, description="true: a stack of its own, <name>-<stage>-Producer, holds it"
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
    """The GitLab pipeline that works on this stage; docs/ci.md sets it up."""

    branch: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._/-]{0,99})?$",
        description="the branch whose pipelines deploy this stage; empty: the one with the stage's name",
    )
    project_path: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)?$",
        description="GitLab project, such as my-group/clickstream, whose pipelines may diff and deploy this stage: "
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
