"""One deployment of the pipeline: a closed, validated model an environment.

Knows no CDK, so that the `clickstream` command reads the same values without loading it.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from config.event_stream import EventStream
from config.sections.aws import (
    CiConfig,
    LambdaConfig,
    MoreEventsConfig,
    SampleProducerConfig,
    StorageConfig,
    StreamingConfig,
)
from config.sections.snowflake import AccessConfig, SnowflakeConfig
from config.sections.watch import MonitorConfig, OpsConfig
from config.values import Section

ROOT = Path(__file__).resolve().parent.parent
# What a job of the pipeline asks GitLab's token for, one a role; .gitlab-ci.yml has the same.
CI_AUDIENCES = {"deploy": "clickstream-deploy", "diff": "clickstream-diff"}

# One alarm names all critical ones, up to eight a kind of event, in 10,240 characters: with the longest names and ARNs.
_MORE_EVENTS = 7
# What no two kinds of event may share.
_APART = ("name", "data_prefix", "stream_name", "delivery_stream_name", "table", "stage", "pipe", "view")
_DELIVERY_STREAM_NAME = (
    64  # https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
)


class PipelineConfig(Section):
    """One deployment, read once and never changed."""

    env: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,15}$",
        description="the config file's name: up to 16 lower-case letters, digits, hyphens, a letter first",
    )
    name: str = Field(
        default="clickstream",
        pattern=r"^[a-z][a-z0-9-]{0,20}$",
        description="begins every name: up to 21 lower-case letters, digits, hyphens, a letter first; to change it: "
        "docs/changes.md",
    )
    account: str = Field(
        default="",
        pattern=r"^([0-9]{12})?$",
        description="AWS account, 12 digits; empty: that of the credentials",
    )
    region: str = Field(
        default="",
        pattern=r"^([a-z]{2}(-[a-z]+)+-[0-9])?$",
        description="AWS region such as eu-west-1; empty: that of the environment",
    )
    production: bool = Field(
        default=True, description="true: nothing can make a deployment delete events, stacks refuse deletion"
    )
    laptop: bool = Field(default=False, description="true: for the laptop cloud, not for an account")
    tags: dict[str, str] = Field(default_factory=dict, description="put on every stack and resource")
    contract: str = Field(
        default="contract/click_event.schema.json",
        description="JSON Schema of the click event, a path in this repository",
    )
    more_events: tuple[MoreEventsConfig, ...] = Field(
        default=(),
        max_length=_MORE_EVENTS,
        description=f"up to {_MORE_EVENTS} more kinds of event, each with streams and a table of its own",
    )
    storage: StorageConfig = StorageConfig()
    streaming: StreamingConfig = StreamingConfig()
    access: AccessConfig = AccessConfig()
    snowflake: SnowflakeConfig
    ops: OpsConfig = OpsConfig()
    monitor: MonitorConfig = MonitorConfig()
    lambda_: LambdaConfig = Field(default=LambdaConfig(), alias="lambda")
    sample_producer: SampleProducerConfig = SampleProducerConfig()
    ci: CiConfig = CiConfig()

    @model_validator(mode="after")
    def _events_keep_apart(self) -> Self:
        for what in _APART:
            values = [str(getattr(stream, what)) for stream in self.event_streams]
            if doubled := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(
                    f"more_events: {what} must differ for each kind of event, {doubled[0]!r} does not"
                )
        folders = [*(stream.data_prefix for stream in self.event_streams), self.storage.error_prefix]
        for one, other in combinations(folders, 2):
            if one.startswith(other) or other.startswith(one):
                raise ValueError(
                    f"more_events: {one!r} and {other!r} must be siblings, not one inside the other"
                )
        return self

    @model_validator(mode="after")
    def _delivery_streams_can_be_named(self) -> Self:
        for stream in self.event_streams:
            if len(stream.delivery_stream_name) > _DELIVERY_STREAM_NAME:
                raise ValueError(
                    f"more_events: {stream.delivery_stream_name!r} has {len(stream.delivery_stream_name)} characters, "
                    f"and Firehose takes {_DELIVERY_STREAM_NAME}: shorten {stream.name!r}, or the deployment's name"
                )
        return self

    @model_validator(mode="after")
    def _pipelines_deploy_to_one_account(self) -> Self:
        if self.ci.project_path and not (self.account and self.region):
            raise ValueError(
                "ci.project_path needs account and region: what a pipeline deploys must not depend on where it runs"
            )
        return self

    @model_validator(mode="after")
    def _short_periods_are_the_laptops(self) -> Self:
        periods = {
            "ops.alarms.period_seconds": self.ops.alarms.period_seconds,
            "monitor.window_seconds": self.monitor.window_seconds,
            "monitor.status_period_seconds": self.monitor.status_period_seconds,
        }
        for key, seconds in periods.items():
            if seconds < 60 and not self.laptop:
                raise ValueError(
                    f"{key} = {seconds}: AWS publishes its metrics once a minute, so only a laptop environment may have "
                    "periods shorter than 60"
                )
        return self

    @model_validator(mode="after")
    def _monitor_can_ask_snowflake(self) -> Self:
        if not self.monitor.enabled:
            return self
        if not self.snowflake.warehouse:
            raise ValueError(
                "monitor.enabled needs snowflake.warehouse: the load history is read by a query, and a query needs a "
                "warehouse. Name one, or set monitor.enabled = false"
            )
        if self.snowflake.login == "key_pair" and not self.snowflake.monitor_login_secret_name:
            raise ValueError(
                "snowflake.login = 'key_pair' needs snowflake.monitor_login_secret_name, the Secrets Manager secret "
                "that holds the private key of the monitor's user; or set monitor.enabled = false"
            )
        return self

    @model_validator(mode="after")
    def _sample_producer_has_its_contract(self) -> Self:
        if self.sample_producer.enabled and (ROOT / self.contract).parent != ROOT / "contract":
            raise ValueError(
                "sample_producer.enabled: the instance is sent the folder contract/, so the contract must be a file "
                f"there, got {self.contract!r}"
            )
        return self

    @property
    def event_streams(self) -> tuple[EventStream, ...]:
        """Every kind of event, the click events first."""
        return (self._click_events(), *map(self._event_stream, self.more_events))

    def event_stream(self, name: str) -> EventStream:
        """The kind of event with that name.

        Raises:
            ValueError: there is none; the message lists those there are.
        """
        for stream in self.event_streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in self.event_streams)
        raise ValueError(f"environment {self.env} has no event stream {name!r}; it has {known}")

    def _click_events(self) -> EventStream:
        streaming, snowflake = self.streaming, self.snowflake
        return EventStream(
            name="clicks",
            contract=ROOT / self.contract,
            data_prefix=self.storage.data_prefix,
            error_prefix=f"{self.storage.error_prefix}clicks/",
            stream_name=streaming.kinesis.stream_name or f"{self.prefix}-events",
            delivery_stream_name=streaming.delivery_stream_name or f"{self.prefix}-to-lake",
            table=snowflake.table,
            stage=snowflake.stage,
            pipe=snowflake.pipe,
            view=snowflake.view,
        )

    def _event_stream(self, more: MoreEventsConfig) -> EventStream:
        return EventStream(
            name=more.name,
            contract=ROOT / more.contract,
            data_prefix=more.data_prefix,
            error_prefix=f"{self.storage.error_prefix}{more.name}/",
            stream_name=f"{self.prefix}-{more.name}",
            delivery_stream_name=f"{self.prefix}-{more.name}-to-lake",
            table=more.table,
            stage=f"{more.table}_LAKE",
            pipe=f"{more.table}_PIPE",
            view=f"{more.table}_DEDUPLICATED",
        )

    @property
    def prefix(self) -> str:
        """What every fixed name of this deployment begins with, so that two environments share an account."""
        return f"{self.name}-{self.env}"

    @property
    def snowpipe_user_name(self) -> str:
        """The IAM user whose access key Snowflake's stage holds."""
        return self.access.user_name or f"{self.prefix}-snowpipe"

    @property
    def reader_role_name(self) -> str:
        """The IAM role that Snowflake assumes when `access.mode` is `storage_integration`."""
        return self.access.role_name or f"{self.prefix}-snowpipe-reader"

    @property
    def external_id(self) -> str:
        """What Snowflake shows when it assumes that role."""
        return self.access.external_id or self.prefix

    @property
    def storage_integration_name(self) -> str:
        """The storage integration, which belongs to the whole Snowflake account."""
        return (self.snowflake.storage_integration or f"{self.prefix}_lake").upper().replace("-", "_")

    @property
    def setup_role_name(self) -> str:
        """The landing Lambda's role: fixed, because Snowflake's login must know it before it exists."""
        return f"{self.prefix}-snowflake-setup"

    @property
    def monitor_role_name(self) -> str:
        """The monitor Lambda's role: fixed for the same reason."""
        return f"{self.prefix}-pipeline-monitor"

    @property
    def canary_role_name(self) -> str:
        """The role of the Lambda that sends canary events."""
        return f"{self.prefix}-canary"

    @property
    def deploy_branch(self) -> str:
        """The branch whose pipelines work on this environment."""
        return self.ci.branch or self.env

    @property
    def ci_deploy_role_name(self) -> str:
        """The role that a pipeline deploys and destroys with."""
        return f"{self.prefix}-ci-deploy"

    @property
    def ci_diff_role_name(self) -> str:
        """The role that a pipeline reads the deployed templates with."""
        return f"{self.prefix}-ci-diff"
