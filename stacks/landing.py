"""The stack that creates Snowflake's half, and tells it of new files."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

import contract
from clickstream import (
    Column,
    EventLake,
    EventLanding,
    LakeNotifications,
    LakeReadPolicy,
    SnowflakeFileFormat,
    SnowflakeProvider,
    SnowflakeSchema,
    SnowflakeStorageIntegration,
    SnowpipeUser,
)
from config.model import PipelineConfig
from stacks.lambda_code import lambda_architecture, lambda_code
from stacks.log_retention import retention_of
from stacks.snowflake_login import snowflake_login

# In this order they also tell which arrival of an event was the first.
_METADATA_COLUMNS = {
    "METADATA$START_SCAN_TIME": Column("LOADED_AT", "TIMESTAMP_LTZ", "When Snowpipe began to read the file"),
    "METADATA$FILENAME": Column("SOURCE_FILE", "VARCHAR", "File in the lake that the event came from"),
    "METADATA$FILE_ROW_NUMBER": Column("SOURCE_ROW", "NUMBER(38,0)", "Row of that file"),
}


class LandingStack(cdk.Stack):
    """Holds the custom-resource Lambda and the file format, stage, table and pipe that it keeps in Snowflake."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        lake: EventLake,
        read_policy: LakeReadPolicy,
        snowpipe_user: SnowpipeUser | None,
        drop_table_on_delete: bool,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        names = config.snowflake
        schema = SnowflakeSchema(names.database, names.schema_name)
        self.provider = provider = self._build_provider(config)
        comment = f"{config.prefix}: managed by CloudFormation, stack {self.stack_name}"
        file_format = SnowflakeFileFormat(
            self, "FileFormat", provider=provider, name=schema.object(names.file_format), comment=comment
        )
        access = self._build_access(config, provider, lake, read_policy, snowpipe_user)
        landings = {
            stream.data_prefix: EventLanding(
                self,
                stream.construct_id,
                provider=provider,
                lake=lake,
                access=access,
                file_format=file_format,
                data_prefix=stream.data_prefix,
                stage=schema.object(stream.stage),
                table=schema.object(stream.table),
                pipe=schema.object(stream.pipe),
                view=schema.object(stream.view),
                columns=_columns(contract.load(stream.contract)),
                metadata_columns=_METADATA_COLUMNS,
                on_error=names.on_error,
                schema_evolution=names.schema_evolution,
                on_delete="drop" if drop_table_on_delete else "retain",
                comment=comment,
            )
            for stream in config.event_streams
        }
        announced = LakeNotifications(
            self,
            "LakeNotifications",
            lake=lake,
            channels={prefix: landing.notification_channel for prefix, landing in landings.items()},
        )
        for landing in landings.values():
            landing.refresh_after(announced)

    def _build_access(
        self,
        config: PipelineConfig,
        provider: SnowflakeProvider,
        lake: EventLake,
        read_policy: LakeReadPolicy,
        snowpipe_user: SnowpipeUser | None,
    ) -> SnowpipeUser | SnowflakeStorageIntegration:
        if snowpipe_user and config.access.mode == "iam_user":
            return snowpipe_user
        return SnowflakeStorageIntegration(
            self,
            "LakeIntegration",
            provider=provider,
            name=config.names.storage_integration,
            lake=lake,
            read_policy=read_policy,
            role_name=config.names.reader_role,
            external_id=config.names.external_id,
            comment=f"{config.prefix}: reads click events",
        )

    def _build_provider(self, config: PipelineConfig) -> SnowflakeProvider:
        names = config.snowflake
        return SnowflakeProvider(
            self,
            "Snowflake",
            code=lambda_code(self, config),
            login=snowflake_login(
                self, "Login", config, user=names.user, role=names.role, secret_name=names.login_secret_name
            ),
            role_name=config.names.setup_role,
            architecture=lambda_architecture(config),
            log_retention=retention_of(config.lambda_.log_retention_days),
        )


def _columns(event: contract.EventContract) -> list[Column]:
    return [Column(field.column, field.snowflake_type, field.description) for field in event.fields]
