"""The configuration of one environment, as a closed, validated model.

It does not import CDK, so that the `clickstream` command can read the same values without loading it.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

import contract
from clickstream_wire.columns import EVENT_DATE
from config import ROOT
from config.names import EventStream, Names, click_events, more_events
from config.sections.aws_limits import Tags
from config.sections.ci import CiConfig
from config.sections.delivery import MoreEventsConfig, StreamingConfig
from config.sections.functions import LambdaConfig
from config.sections.gate import GateConfig
from config.sections.lake import StorageConfig
from config.sections.producer import SampleProducerConfig
from config.sections.region import supported_region
from config.sections.rows import RowsConfig
from config.sections.snowflake import AccessConfig, SnowflakeConfig, derived_names
from config.sections.values import Section
from config.sections.watch import MonitorConfig, OpsConfig
from contract import Unlisted

# The policy of who reads the lake names each folder, in at most 6,144 characters.
_MORE_EVENTS = 7
# Names that no two kinds of event may share.
_UNIQUE = ("name", "data_prefix", "stream_name", "delivery_stream_name", "table", "stage", "pipe", "view")
# Tables and views share names.
_SHARED = ("table", "view", "dynamic_table", "sessions", "sessions_table")
# Columns from which sessions are computed, in addition to those of every contract.
_OF_SESSIONS = ("SESSION_ID", "PAGE_ID", "PLATFORM")
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
_DELIVERY_STREAM_NAME = 64
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetricsConfiguration.html
_METRICS_ID = 64
# https://docs.snowflake.com/en/sql-reference/identifiers
_SNOWFLAKE_NAME = 255


class PipelineConfig(Section):
    """The configuration of one environment; immutable."""

    env: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,15}$",
        description="the config file's name: up to 16 lower-case letters, digits, hyphens, a letter first",
    )
    name: str = Field(
        default="clickstream",
        pattern=r"^[a-z][a-z0-9-]{0,20}$",
        description="prefix of every name: up to 21 lower-case letters, digits, hyphens, a letter first; to change it: "
        "docs/changes.md",
    )
    account: str = Field(
        default="",
        pattern=r"^([0-9]{12})?$",
        description="AWS account, 12 digits; empty: that of the credentials",
    )
    region: Annotated[str, AfterValidator(supported_region)] = Field(
        default="",
        description="AWS region such as eu-west-1; empty: that of AWS_REGION or the profile",
    )
    production: bool = Field(
        default=True, description="true: nothing can make a deployment delete events, stacks refuse deletion"
    )
    laptop: bool = Field(default=False, description="true: for the laptop cloud, not for an account")
    tags: Tags = Field(
        default_factory=dict, description="tags of every stack and resource, in addition to env"
    )
    contract: str = Field(
        default="contract/click_event.schema.json",
        description="JSON Schema of the click event, a path in this repository",
    )
    more_events: tuple[MoreEventsConfig, ...] = Field(
        default=(),
        max_length=_MORE_EVENTS,
        description=f"up to {_MORE_EVENTS} more kinds of event, each with its own streams and table",
    )
    storage: StorageConfig = StorageConfig()
    streaming: StreamingConfig = StreamingConfig()
    gate: GateConfig = GateConfig()
    access: AccessConfig = AccessConfig()
    snowflake: SnowflakeConfig
    rows: RowsConfig = RowsConfig()
    ops: OpsConfig = OpsConfig()
    monitor: MonitorConfig = MonitorConfig()
    lambda_: LambdaConfig = Field(default=LambdaConfig(), alias="lambda")
    sample_producer: SampleProducerConfig = SampleProducerConfig()
    ci: CiConfig = CiConfig()

    @model_validator(mode="before")
    @classmethod
    def _names_in_snowflake_follow(cls, values: Any) -> Any:
        """Fill in the names that the section leaves out, so that two environments never share one by accident."""
        section = values.get("snowflake")
        prefix = f"{values.get('name', cls.model_fields['name'].default)}_{values.get('env')}"
        if not isinstance(section, dict) or not re.fullmatch(r"[a-z][a-z0-9_-]*", prefix):
            return values  # reported as what it is
        names = derived_names(prefix.upper().replace("-", "_"))
        return {**values, "snowflake": names | {key: value for key, value in section.items() if value != ""}}

    @model_validator(mode="after")
    def _events_keep_apart(self) -> Self:
        for what in _UNIQUE:
            values = [str(getattr(stream, what)) for stream in self.event_streams]
            if doubled := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(f"more_events: {what} must be unique: {doubled[0]!r} is used twice")
        named = [(str(getattr(stream, what)), what) for stream in self.event_streams for what in _SHARED]
        for (one, kind), (other, other_kind) in combinations(named, 2):
            if one == other:
                kinds = f"a {kind} and of a {other_kind}".replace("_", " ")
                raise ValueError(f"snowflake: {one!r} is the name of {kinds}, which share names")
        folders = [stream.data_prefix for stream in self.event_streams]
        folders += [self.storage.error_prefix, self.storage.reject_prefix]
        for one, other in combinations(folders, 2):
            if one.startswith(other) or other.startswith(one):
                raise ValueError(
                    f"more_events: {one!r} and {other!r} must be siblings, not one inside the other"
                )
        return self

    @model_validator(mode="after")
    def _contracts_are_usable(self) -> Self:
        problems: list[str] = []
        for stream in self.event_streams:
            try:
                loaded = contract.load(stream.contract)
            except ValueError as error:
                problems += str(error).splitlines()
                continue
            renamed = [field.name for field in loaded.fields if field.is_renamed]
            if stream.rows.deduplicate != "none" and any(
                field.column == EVENT_DATE for field in loaded.fields
            ):
                problems.append(
                    f"{stream.contract}: column {EVENT_DATE} is computed for analysts; give the field another column "
                    'with "x-column", or set deduplicate = "none" in its rows'
                )
            missing = sorted(set(_OF_SESSIONS) - {field.column for field in loaded.fields})
            if stream.rows.sessions and missing:
                problems.append(
                    f"{stream.contract}: sessions need columns that it lacks: {', '.join(missing)}"
                )
            if renamed and not self.gate.enabled:
                problems.append(
                    f"{stream.contract}: field {renamed[0]!r} has a column of another name, and only the gate can fill "
                    "it: set gate.enabled = true"
                )
        if problems:
            raise ValueError("\n    ".join(problems).replace(f"{ROOT}/", ""))
        return self

    @model_validator(mode="after")
    def _streams_can_be_named_and_counted(self) -> Self:
        for stream in self.event_streams:
            if len(stream.delivery_stream_name) > _DELIVERY_STREAM_NAME:
                raise ValueError(
                    f"more_events: {stream.delivery_stream_name!r} has {len(stream.delivery_stream_name)} characters, "
                    f"and Firehose allows {_DELIVERY_STREAM_NAME}: shorten {stream.name!r}, or the deployment's name"
                )
            if len(folder := stream.error_prefix.rstrip("/")) > _METRICS_ID:
                raise ValueError(
                    f"storage.error_prefix: {folder!r} has {len(folder)} characters, and S3 allows {_METRICS_ID} in "
                    f"the name of a metric: shorten it, or {stream.name!r}"
                )
        return self

    @model_validator(mode="after")
    def _roles_have_names_of_their_own(self) -> Self:
        names = self.names
        others = (
            names.setup_role,
            names.monitor_role,
            names.canary_role,
            names.ci_deploy_role,
            names.ci_diff_role,
        )
        if names.reader_role.lower() in {name.lower() for name in others}:
            raise ValueError(f"access.role_name = {names.reader_role!r} is the name of another role")
        return self

    @model_validator(mode="after")
    def _snowflake_objects_can_be_named(self) -> Self:
        for stream in self.event_streams:
            for what in ("stage", "pipe", "view", "dynamic_table", "sessions_table", "retention_policy"):
                name = str(getattr(stream, what))
                if len(name) > _SNOWFLAKE_NAME:
                    raise ValueError(
                        f"the {what.replace('_', ' ')} of {stream.name} would have a name of {len(name)} characters, "
                        f"and Snowflake allows {_SNOWFLAKE_NAME}: shorten {name[:40]}…"
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
                    f"{key} = {seconds}: AWS publishes its metrics once a minute, so only a laptop environment "
                    "may have periods shorter than 60"
                )
        return self

    @model_validator(mode="after")
    def _monitor_can_ask_snowflake(self) -> Self:
        if not self.monitor.enabled:
            return self
        if self.snowflake.login == "key_pair" and not self.snowflake.monitor_login_secret_name:
            raise ValueError(
                "snowflake.login = 'key_pair' needs snowflake.monitor_login_secret_name, the Secrets Manager secret "
                "that holds the private key of the monitor's user; or set monitor.enabled = false"
            )
        return self

    @model_validator(mode="after")
    def _monitor_is_not_the_deployer(self) -> Self:
        for key, one, other in (
            ("user", self.snowflake.user, self.snowflake.monitor_user),
            ("role", self.snowflake.role, self.snowflake.monitor_role),
        ):
            if self.monitor.enabled and one == other:
                raise ValueError(
                    f"snowflake.{key} and snowflake.monitor_{key} are both {one}: the monitor may only read, so it "
                    f"needs another {key}"
                )
        return self

    @model_validator(mode="after")
    def _sample_producer_has_its_contract(self) -> Self:
        if self.sample_producer.enabled and (ROOT / self.contract).parent != ROOT / "contract":
            raise ValueError(
                "sample_producer.enabled: the instance gets the folder contract/, so the contract must be a file in "
                f"it, got {self.contract!r}"
            )
        return self

    @property
    def prefix(self) -> str:
        """The prefix of every fixed name of this deployment, so that two environments can share an account."""
        return f"{self.name}-{self.env}"

    @property
    def names(self) -> Names:
        """Names of its stacks, roles and other parts."""
        return Names(self)

    @property
    def unlisted(self) -> Unlisted:
        """The fate of fields that a contract does not list."""
        if self.gate.enabled:
            return "folded"
        return "column" if self.snowflake.schema_evolution else "left out"

    @property
    def event_streams(self) -> tuple[EventStream, ...]:
        """Every kind of event, the click events first."""
        return (click_events(self), *(more_events(self, more) for more in self.more_events))

    def event_stream(self, name: str) -> EventStream:
        """The kind of event with that name.

        Raises:
            ValueError: there is none; the message lists the existing ones.
        """
        for stream in self.event_streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in self.event_streams)
        raise ValueError(f"environment {self.env} has no event stream {name!r}; it has {known}")
