"""`clickstream query`: one statement, its rows as a table or as JSON."""

from __future__ import annotations

import json
from typing import Annotated, Any

import snowflake.connector
import typer
from rich.table import Table

from cli.laptop import running_cloud
from cli.output import CommandError, results, visible
from cli.snowflake_login import connect_account, connect_laptop
from cli.stages import load_stage

_SHOWN_ROWS = 1000


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, in quotes.")],
    stage: Annotated[str, typer.Option("--stage", "-s", help="local, or a stage of config/.")] = "local",
    connection: Annotated[
        str | None, typer.Option(help="Real stages: which connection of ~/.snowflake/connections.toml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an array of objects.")] = False,
) -> None:
    """Run one SQL statement where the events land.

    Against the laptop's stand-in it runs as the administrator; against a real stage as you.

    \b
    clickstream query 'SELECT event_type, COUNT(*) FROM click_events GROUP BY 1'
    clickstream query 'SELECT properties:status::int, COUNT(*) FROM click_events GROUP BY 1' --json
    clickstream query --stage dev --connection my_account 'SELECT COUNT(*) FROM click_events'
    """
    config = load_stage(stage)
    session = connect_laptop(running_cloud(stage)) if config.laptop else connect_account(config, connection)
    with session, session.cursor(snowflake.connector.DictCursor) as cursor:
        try:
            if config.laptop:
                names = config.snowflake
                cursor.execute(f'USE SCHEMA "{names.database}"."{names.schema_name}"')
            cursor.execute(sql)
            rows: list[dict[str, Any]] = list(cursor.fetchall())
        except snowflake.connector.Error as error:
            raise CommandError(str(error.msg or error)) from None
    if as_json:
        print(json.dumps(rows, indent=2, default=str))
    else:
        _print_table([column.name for column in cursor.description or []], rows)


def _print_table(columns: list[str], rows: list[dict[str, Any]]) -> None:
    table = Table()
    for column in columns:
        table.add_column(visible(column))
    for row in rows[:_SHOWN_ROWS]:
        table.add_row(*(visible("NULL" if value is None else value) for value in row.values()))
    results.print(table)
    if len(rows) > _SHOWN_ROWS:
        results.print(f"{len(rows):,} rows, the first {_SHOWN_ROWS:,} shown; --json prints all")
