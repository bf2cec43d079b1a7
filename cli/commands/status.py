"""`clickstream status`: is an environment there, and do events flow?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import snowflake.connector
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape
from rich.table import Table
from snowflake.connector import SnowflakeConnection

from cli.aws_client import client_for
from cli.environments import load_env
from cli.event_rows import IS_EVENT
from cli.laptop import UP_STATE, deployed_env, running_cloud, started_cloud, unfinished
from cli.options import AsJson, Connection, Env
from cli.output import CommandError, errors, print_json, results, shown
from cli.snowflake_login import connect_account, connect_laptop, one_row
from config.model import PipelineConfig
from snowflake_setup.sql.identifiers import ObjectName, literal

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
NOT_WELL = 3


def status(
    env: Env = "local",
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Show the stacks of an environment and, for each kind of event, its pipe and how many rows are events.

    Ends with 0 if all stacks are complete and every pipe is running, with 3 if not, or if `make up` did not finish.
    """
    config = load_env(env)
    report: dict[str, Any] = {"environment": env}
    finished = not config.laptop or deployed_env() is not None
    if config.laptop:
        cloud = running_cloud(env) if finished else started_cloud()
        report["local"] = asdict(cloud.status())
        report["stacks"] = _stacks(config, client_for(config, cloud, "cloudformation"))
        report["snowflake"] = _ask(config, lambda: connect_laptop(cloud))
    else:
        report["stacks"] = _stacks(config, client_for(config, None, "cloudformation"))
        report["snowflake"] = _ask(config, lambda: connect_account(config, connection))
    pipes = {events.get("pipe") for events in report["snowflake"].values()}
    well = finished and set(report["stacks"].values()) <= _WELL and pipes == {"RUNNING"}
    if as_json:
        print_json({**report, "well": well})
    else:
        _print(report)
    if not finished:
        errors.print(unfinished(), markup=False)
    if not well:
        raise typer.Exit(NOT_WELL)


def _stacks(config: PipelineConfig, cloudformation: CloudFormationClient) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in config.names.stacks:
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            found[name] = stack["StackStatus"]
        except ClientError as error:
            missing = error.response["Error"]["Code"] == "ValidationError"
            if not missing:
                raise CommandError(f"cannot ask CloudFormation for {name}: {error}") from None
            found[name] = "not deployed"
        except BotoCoreError as error:
            raise CommandError(f"cannot ask CloudFormation for {name}: {error}") from None
    return found


def _ask(config: PipelineConfig, connect: Callable[[], SnowflakeConnection]) -> dict[str, Any]:
    """Each kind of event as Snowflake has it, or why it cannot be asked."""
    try:
        session = connect()
    except (CommandError, snowflake.connector.Error) as error:
        return {stream.name: {"unknown": str(error)} for stream in config.event_streams}
    with session:
        return _snowflake(session, config)


def _snowflake(session: SnowflakeConnection, config: PipelineConfig) -> dict[str, Any]:
    """Each kind of event: its pipe, and the rows of its table."""
    names = config.snowflake
    found: dict[str, Any] = {}
    for stream in config.event_streams:
        pipe = ObjectName.of(names.database, names.schema_name, stream.pipe)
        table = ObjectName.of(names.database, names.schema_name, stream.table)
        try:
            found[stream.name] = _events(session, pipe, table)
        except snowflake.connector.Error as error:
            found[stream.name] = {"unknown": str(error.msg or error)}
    return found


def _events(session: SnowflakeConnection, pipe: ObjectName, table: ObjectName) -> dict[str, Any]:
    with session.cursor() as cursor:
        state = json.loads(one_row(cursor, f"SELECT SYSTEM$PIPE_STATUS({literal(pipe.sql())})")[0])
        rows, events = one_row(cursor, f"SELECT COUNT(*), COUNT_IF({IS_EVENT}) FROM {table.sql()}")
    return {
        "pipe": state["executionState"],
        "pending_files": state.get("pendingFileCount", 0),
        "last_file": state.get("lastIngestedFilePath"),
        "rows": int(rows),
        "events": int(events or 0),  # COUNT_IF of no rows may be NULL
    }


def _print(report: dict[str, Any]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, state in report["stacks"].items():
        table.add_row("stack", name, _coloured(state, state in _WELL))
    for name, events in report["snowflake"].items():
        if "unknown" in events:
            table.add_row(name, escape(events["unknown"]), "")
            continue
        running = events["pipe"] == "RUNNING"
        waiting = f"{events['events']:,} events"
        if events["rows"] != events["events"]:
            waiting += f" in {events['rows']:,} rows, the others are canaries"
        waiting += f", {events['pending_files']:,} files waiting"
        table.add_row(name, waiting, _coloured(events["pipe"], running))
    if "local" in report:
        for server in report["local"]["servers"]:
            state = "running" if server["healthy"] else "not answering"
            table.add_row(server["name"], server["endpoint"], _coloured(state, server["healthy"]))
        table.add_row("logs", shown(UP_STATE / "logs"), "")
    results.print(table)


def _coloured(state: str, well: bool) -> str:
    return f"[{'green' if well else 'red'}]{state}[/]"
