"""A COPY bound to the objects it names, with the privileges of its role."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.access import Access
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.lake import AssumedRole, LakeKeys
from laptop.snowflake.loading.model import LoadJob
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import (
    CopySpec,
    FileFormat,
    Integration,
    Pipe,
    Stage,
    Table,
)


def bind(
    access: Access,
    role: str,
    copy: CopySpec,
    *,
    pipe: Pipe | None = None,
    for_pipe: bool = False,
    query_id: str = "",
    timezone: str | None = None,
) -> LoadJob:
    """Find the objects of the COPY and check that `role` may use them.

    A pipe's COPY runs in no session, so its time zone is the account's.

    Raises:
        SnowflakeError: An object is missing or not allowed, or the options conflict.
    """
    piped = for_pipe or pipe is not None
    table = access.usable(role, ("INSERT",), Table, copy.table)
    if piped:
        access.usable(role, ("SELECT",), Table, copy.table)
    stage = access.usable(role, ("USAGE",), Stage, copy.stage)
    if stage.integration is None and access.forbids_keys():
        raise errors.compilation_error(
            "Loading from stages with direct credentials has been forbidden. "
            "See your account administrator for details."
        )
    for column in copy.include_metadata:
        if table.column(column) is None:
            raise errors.invalid_identifier(column)
    return LoadJob(
        copy=copy,
        table=table,
        stage=stage,
        format=access.usable(role, ("USAGE",), FileFormat, copy.file_format).format,
        may_evolve=table.enable_schema_evolution and access.has(role, "EVOLVE SCHEMA", table),
        pipe=pipe,
        query_id=query_id,
        timezone=timezone or access.timezone(),
    )


def lake_keys(catalog: Catalog, stage: Stage) -> LakeKeys:
    """The credentials with which a stage reads the lake."""
    if stage.integration is None:
        return stage.credentials
    integration = catalog.get(Integration, Name((stage.integration,)))
    if stage.integration_id not in (None, integration.id):
        raise errors.not_found(Kind.INTEGRATION, integration.name)
    return integration_keys(integration)


def integration_keys(integration: Integration) -> AssumedRole:
    """The role with which an integration reads the lake.

    Raises:
        SnowflakeError: It is disabled.
    """
    if not integration.enabled:
        raise errors.compilation_error(
            f"Integration '{integration.name.last}' is disabled.", errno=3155, sqlstate="22023"
        )
    return AssumedRole(arn=integration.aws_role_arn, external_id=integration.aws_external_id)
