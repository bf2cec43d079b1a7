"""The stack of the Snowflake side: its objects, and the notifications of new files."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

import contract
from clickstream import (
    ARRIVAL_COLUMN,
    Column,
    EventLake,
    EventLanding,
    FunctionCode,
    LakeNotifications,
    LakeReadPolicy,
    SnowflakeFileFormat,
    SnowflakeLogin,
    SnowflakeProvider,
    SnowflakeSchema,
    SnowflakeStorageIntegration,
    StageKey,
    log_retention,
    login_secret,
)
from clickstream_wire.folders import DAY_FOLDER
from clickstream_wire.resources import MANAGED
from config.model import PipelineConfig


class LandingStack(cdk.Stack):
    """Holds the landing Lambda, the Snowflake objects that it manages, and the bucket's notifications."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        lake: EventLake,
        read_policy: LakeReadPolicy,
        snowpipe_user: iam.IUser | None,
        keep_data: bool,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        names = config.snowflake
        schema = SnowflakeSchema(names.database, names.schema_name)
        self.provider = provider = self._build_provider(config)
        comment = f"{config.prefix}: {MANAGED}, stack {self.stack_name}"
        file_format = SnowflakeFileFormat(
            self, "FileFormat", provider=provider, name=schema.object(names.file_format), comment=comment
        )
        access = (
            StageKey(self, "SnowpipeKey", user=snowpipe_user, serial=config.access.access_key_serial)
            if snowpipe_user and config.access.mode == "iam_user"
            else self._build_integration(config, lake, read_policy)
        )
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
                view=schema.object(stream.view) if stream.rows.deduplicate != "none" else None,
                sessions=schema.object(stream.sessions) if stream.rows.sessions else None,
                dynamic_table=schema.object(stream.dynamic_table) if stream.keeps else None,
                sessions_table=schema.object(stream.sessions_table) if stream.keeps else None,
                warehouse=names.warehouse,
                target_lag_minutes=stream.rows.target_lag_minutes,
                late_days=stream.rows.late_days,
                keep_days=stream.rows.keep_days or None,
                columns=_columns(contract.load(stream.contract), gate=config.gate.enabled),
                day_folder=DAY_FOLDER,
                on_error=names.on_error,
                schema_evolution=names.schema_evolution,
                error_logging=names.error_logging,
                on_delete="retain" if keep_data else "drop",
                comment=f"{comment}, {stream.name}",
            )
            for stream in config.event_streams
        }
        notifications = LakeNotifications(
            self,
            "LakeNotifications",
            lake=lake,
            channels={prefix: landing.notification_channel for prefix, landing in landings.items()},
            provider=provider,
            log_retention=log_retention(config.lambda_.log_retention_days),
        )
        for landing in landings.values():
            landing.refresh_after(notifications)

    def _build_provider(self, config: PipelineConfig) -> SnowflakeProvider:
        names = config.snowflake
        return SnowflakeProvider(
            self,
            "Snowflake",
            code=FunctionCode.bundled(self, config.lambda_.architecture, this_machine=config.laptop),
            login=SnowflakeLogin(
                account=names.account,
                host=names.host,
                user=names.user,
                role=names.role,
                warehouse=names.warehouse,
                secret=(
                    login_secret(
                        self, "Login", name=names.login_secret_name, key_arn=names.login_secret_key_arn
                    )
                    if names.login == "key_pair"
                    else None
                ),
            ),
            role_name=config.names.setup_role,
            log_retention=log_retention(config.lambda_.log_retention_days),
        )

    def _build_integration(
        self, config: PipelineConfig, lake: EventLake, read_policy: LakeReadPolicy
    ) -> SnowflakeStorageIntegration:
        return SnowflakeStorageIntegration(
            self,
            "LakeIntegration",
            provider=self.provider,
            name=config.snowflake.storage_integration,
            lake=lake,
            read_policy=read_policy,
            role_name=config.names.reader_role,
            external_id=config.names.external_id,
            comment=f"{config.prefix}: reads click events",
        )


def _columns(event: contract.EventContract, *, gate: bool) -> list[Column]:
    columns = [Column(field.column, field.snowflake_type, field.description) for field in event.fields]
    return [*columns, ARRIVAL_COLUMN] if gate else columns
