"""The `[streaming]` and `[[more_events]]` sections: events on their way to the lake."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.sections.rows import RowsConfig
from config.sections.values import SNOWFLAKE_NAME, LogDays, Prefix, Section, SnowflakeName


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
        default=1,
        ge=1,
        le=10_000,
        description="provisioned only; 1 MiB/s or 1,000 records/s each; one deployment can at most double or halve it",
    )
    retention_hours: int = Field(
        default=24, ge=24, le=8760, description="how long events survive an outage downstream"
    )
    encryption: Literal["aws_managed", "customer_key"] = Field(
        default="aws_managed",
        description="AWS's key for Kinesis, or a customer key, which serves all who may use the stream",
    )


class StreamingConfig(Section):
    """Delivery of events to the lake. Ranges are Firehose's BufferingHints.

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


class MoreEventsConfig(Section):
    """One more kind of event, with its own streams, folder and table; up to 7 in addition to the click events."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,20}$",
        description="in the names of its streams: up to 21 lower-case letters, digits, hyphens, a letter first; "
        "to change it: docs/changes.md",
    )
    contract: str = Field(description="JSON Schema of its events, a path in this repository")
    data_prefix: Prefix = Field(
        description="its folder in the event lake; ends with / and is inside no other"
    )
    table: SnowflakeName = Field(
        description=f"its table; stage, pipe and view are named after it: {SNOWFLAKE_NAME}"
    )
    rows: RowsConfig = RowsConfig()
