"""All names that follow from the config."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from clickstream_wire.resources import RETENTION
from config import ROOT

if TYPE_CHECKING:
    from config.model import PipelineConfig
    from config.sections.delivery import MoreEventsConfig
    from config.sections.rows import RowsConfig

StackId = Literal["Storage", "Access", "Landing", "Streaming", "Producer", "Ops", "Ci"]


@dataclass(frozen=True, kw_only=True)
class EventStream:
    """One kind of event, with the names of its streams, folder and Snowflake objects."""

    name: str
    contract: Path
    data_prefix: str
    error_prefix: str
    reject_prefix: str
    stream_name: str
    delivery_stream_name: str
    table: str
    stage: str
    pipe: str
    view: str
    rows: RowsConfig

    @property
    def construct_id(self) -> str:
        """Its name in a stack."""
        return self.name.title().replace("-", "")

    @property
    def keeps(self) -> bool:
        """True if its rows for analysts are in dynamic tables."""
        return self.rows.deduplicate == "dynamic_table"

    @property
    def dynamic_table(self) -> str:
        """The dynamic table that the view reads, if there is one; another name, so that the view can stay."""
        return f"{self.view}_TABLE"

    @property
    def expiring(self) -> tuple[str, ...]:
        """The tables whose rows expire, each by its own policy."""
        kept = (self.dynamic_table,) if self.keeps else ()
        return (self.table, *kept) if self.rows.keep_days else ()

    @property
    def retention_policy(self) -> str:
        """The longest name of these policies; empty if there is none."""
        return max((f"{table}{RETENTION}" for table in self.expiring), key=len, default="")

    @property
    def sessions(self) -> str:
        """The view of the sessions, if there is one."""
        return f"{self.table}_SESSIONS"

    @property
    def sessions_table(self) -> str:
        """The dynamic table that it reads, if there is one."""
        return f"{self.sessions}_TABLE"


class Names:
    """Names of stacks, roles and other parts of one deployment."""

    def __init__(self, config: PipelineConfig) -> None:
        self._config = config
        self._prefix = config.prefix

    def stack(self, stack_id: StackId) -> str:
        """The full name of one stack."""
        return f"{self._prefix}-{stack_id}"

    @property
    def stacks(self) -> list[str]:
        """The stacks that a deployment has, in the order of deployment."""
        wanted: dict[StackId, bool] = {
            "Storage": True,
            "Access": True,
            "Landing": True,
            "Streaming": True,
            "Producer": self._config.sample_producer.enabled,
            "Ops": True,
            "Ci": bool(self._config.ci.project_path),
        }
        return [self.stack(stack_id) for stack_id, exists in wanted.items() if exists]

    @property
    def setup_role(self) -> str:
        """The landing Lambda's role; its name is fixed, since Snowflake's login must name it before it exists."""
        return f"{self._prefix}-snowflake-setup"

    @property
    def monitor_role(self) -> str:
        """The monitor Lambda's role; its name is fixed for the same reason."""
        return f"{self._prefix}-pipeline-monitor"

    @property
    def canary_role(self) -> str:
        """The role of the Lambda that sends canary events."""
        return f"{self._prefix}-canary"

    @property
    def snowpipe_user(self) -> str:
        """The IAM user whose access key Snowflake's stage uses."""
        return self._config.access.user_name or f"{self._prefix}-snowpipe"

    @property
    def reader_role(self) -> str:
        """The IAM role that Snowflake assumes when `access.mode` is `storage_integration`."""
        return self._config.access.role_name or f"{self._prefix}-snowpipe-reader"

    @property
    def external_id(self) -> str:
        """The external ID that Snowflake sends when it assumes that role."""
        return self._config.access.external_id or self._prefix

    @property
    def ci_branch(self) -> str:
        """The branch whose pipelines deploy this environment."""
        return self._config.ci.branch or self._config.env

    @property
    def ci_deploy_role(self) -> str:
        """The role that a pipeline deploys and destroys with."""
        return f"{self._prefix}-ci-deploy"

    @property
    def ci_diff_role(self) -> str:
        """The role that a pipeline reads the deployed templates with."""
        return f"{self._prefix}-ci-diff"


def click_events(config: PipelineConfig) -> EventStream:
    """The click events, whose names can be set individually in the config."""
    snowflake = config.snowflake
    return EventStream(
        name="clicks",
        contract=ROOT / config.contract,
        data_prefix=config.storage.data_prefix,
        error_prefix=f"{config.storage.error_prefix}clicks/",
        reject_prefix=f"{config.storage.reject_prefix}clicks/",
        stream_name=config.streaming.kinesis.stream_name or f"{config.prefix}-events",
        delivery_stream_name=config.streaming.delivery_stream_name or f"{config.prefix}-to-lake",
        table=snowflake.table,
        stage=_stage(snowflake.stage, config),
        pipe=snowflake.pipe,
        view=snowflake.view,
        rows=config.rows,
    )


def more_events(config: PipelineConfig, more: MoreEventsConfig) -> EventStream:
    """One more kind of event, named after itself and its table."""
    return EventStream(
        name=more.name,
        contract=ROOT / more.contract,
        data_prefix=more.data_prefix,
        error_prefix=f"{config.storage.error_prefix}{more.name}/",
        reject_prefix=f"{config.storage.reject_prefix}{more.name}/",
        stream_name=f"{config.prefix}-{more.name}",
        delivery_stream_name=f"{config.prefix}-{more.name}-to-lake",
        table=more.table,
        stage=_stage(f"{more.table}_LAKE", config),
        pipe=f"{more.table}_PIPE",
        view=f"{more.table}_DEDUPLICATED",
        rows=more.rows,
    )


def _stage(name: str, config: PipelineConfig) -> str:
    """The stage's name, another one for each access mode: Snowflake does not switch a stage in place."""
    return f"{name}_INTEGRATION" if config.access.mode == "storage_integration" else name
