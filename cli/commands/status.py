"""`clickstream status`: the state of an environment's stacks and pipes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, coloured, note, print_columns, print_json, shown

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from snowflake.connector.cursor import SnowflakeCursor

    from cli.deployment import Deployment
    from config.model import PipelineConfig
    from config.names import EventStream

_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
NOT_WELL = 3


def status(
    env: Env = DEFAULT_ENV,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Show the state of stacks and pipes.

    Prints the stacks of an environment; for each kind of event its pipe, how many rows are events, and the columns that
    loads have added and the contract does not list; and recipients of alarms who get no message until they confirm.
    `clickstream doctor` looks for causes, in both accounts.
    Exits with 0 if all stacks are complete and every pipe is running, with 3 if not, or if `make up` did not finish.
    """
    from cli.deployment import Deployment
    from cli.recipients import unconfirmed

    deployment = Deployment.of(env, connection=connection, even_unfinished=True)
    servers = deployment.servers()
    stacks = _stacks(deployment.config, deployment.client("cloudformation"))
    events = _snowflake(deployment)
    report: dict[str, Any] = {"environment": env} | ({"laptop": servers} if servers else {})
    report |= {"stacks": stacks, "snowflake": events, "unconfirmed_recipients": unconfirmed(deployment)}
    pipes = {found.get("pipe") for found in events.values()}
    well = not deployment.unfinished and set(stacks.values()) <= _WELL and pipes == {"RUNNING"}
    if as_json:
        print_json({**report, "well": well})
    else:
        _print(report)
    if deployment.unfinished:
        note(deployment.unfinished)
    if not well:
        raise typer.Exit(NOT_WELL)


def _stacks(config: PipelineConfig, cloudformation: CloudFormationClient) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    found: dict[str, str] = {}
    for name in config.names.stacks:
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            found[name] = stack["StackStatus"]
        except ClientError as error:
            missing = error.response["Error"]["Code"] == "ValidationError"
            if not missing:
                raise CommandError(f"cannot query CloudFormation for {name}: {error}") from None
            found[name] = "not deployed"
        except BotoCoreError as error:
            raise CommandError(f"cannot query CloudFormation for {name}: {error}") from None
    return found


def _snowflake(deployment: Deployment) -> dict[str, Any]:
    """Pipe and rows of each kind of event, or the reason why Snowflake cannot be queried."""
    import snowflake.connector

    streams = deployment.config.event_streams
    try:
        session = deployment.snowflake()
    except CommandError as error:
        return {stream.name: {"unknown": str(error)} for stream in streams}
    found: dict[str, Any] = {}
    with session, session.cursor() as cursor:
        for stream in streams:
            try:
                found[stream.name] = _events(cursor, deployment.config, stream)
            except snowflake.connector.Error as error:
                found[stream.name] = {"unknown": str(error.msg or error)}
    return found


def _events(cursor: SnowflakeCursor, config: PipelineConfig, stream: EventStream) -> dict[str, Any]:
    """The pipe of a kind of event, the rows of its table, and columns that loads have added."""
    from cli.round_trip import count_rows, one_row
    from snowflake_setup.sql.evolved import evolved_columns
    from snowflake_setup.sql.identifiers import ObjectName, literal
    from snowflake_setup.sql.table import ShowColumns

    database, schema = config.snowflake.database, config.snowflake.schema_name
    pipe, table = ObjectName.of(database, schema, stream.pipe), ObjectName.of(database, schema, stream.table)
    state = json.loads(one_row(cursor, f"SELECT SYSTEM$PIPE_STATUS({literal(pipe.sql())})")[0])
    rows, events = count_rows(cursor, table)
    cursor.execute(ShowColumns(table).sql())
    names = [column.name for column in cursor.description or []]
    evolved = evolved_columns(dict(zip(names, row, strict=True)) for row in cursor)
    return {
        "pipe": state["executionState"],
        "pending_files": state.get("pendingFileCount", 0),
        "last_file": state.get("lastIngestedFilePath"),
        "rows": rows,
        "events": events,
        "evolved_columns": [column.name for column in evolved],
    }


def _print(report: dict[str, Any]) -> None:
    lines: list[tuple[object, object, object]] = []
    for name, state in report["stacks"].items():
        lines.append(("stack", name, coloured(state, well=state in _WELL)))
    for name, events in report["snowflake"].items():
        if "unknown" in events:
            lines.append((name, events["unknown"], ""))
            continue
        waiting = f"{events['events']:,} events"
        if events["rows"] != events["events"]:
            waiting += f" in {events['rows']:,} rows, the others are canaries"
        waiting += f", {events['pending_files']:,} files waiting"
        lines.append((name, waiting, coloured(events["pipe"], well=events["pipe"] == "RUNNING")))
        if evolved := events["evolved_columns"]:
            lines.append((name, f"columns that loads have added, not listed: {', '.join(evolved)}", ""))
    for each in report.get("unconfirmed_recipients", ()):
        what = f"{each['protocol']} {each['endpoint']}"
        lines.append((f"{each['severity']} alarms", what, coloured("not confirmed", well=False)))
    for server in report.get("laptop", {}).get("servers", ()):
        state = "running" if server["healthy"] else "not answering"
        lines.append((server["name"], server["endpoint"], coloured(state, well=server["healthy"])))
    print_columns(lines)
    if "local" in report:
        from cli.laptop import UP_STATE

        note(f"logs: {shown(UP_STATE / 'logs')}")
