"""`clickstream query`: one statement, its rows as a table or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import snowflake.connector
import typer
from rich.table import Table

from cli.environments import load_env
from cli.laptop import running_cloud
from cli.options import AsJson, Connection, Env
from cli.output import CommandError, results, visible
from cli.snowflake_login import connect_account, connect_laptop

_SHOWN_ROWS = 1000


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, in quotes.")],
    env: Env = "local",
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Run one SQL statement where the events land.

    Against the laptop's stand-in it runs as the administrator; against a real environment as you. With --json its rows are an
    array of objects.

    \b
    clickstream query 'SELECT event_type, COUNT(*) FROM click_events GROUP BY 1'
    clickstream query 'SELECT properties:status::int, COUNT(*) FROM click_events GROUP BY 1' --json
    clickstream query --env dev --connection my_account 'SELECT COUNT(*) FROM click_events'
    """
    config = load_env(env)
    session = connect_laptop(running_cloud(env)) if config.laptop else connect_account(config, connection)
    with session, session.cursor() as cursor:
        try:
            if config.laptop:
                names = config.snowflake
                cursor.execute(f'USE SCHEMA "{names.database}"."{names.schema_name}"')
            cursor.execute(sql)
            columns = [column.name for column in cursor.description or []]
            if as_json:
                _refuse_doubles(columns)
                rows = cursor.fetchall()
            else:
                rows = cursor.fetchmany(_SHOWN_ROWS + 1)
        except snowflake.connector.Error as error:
            raise CommandError(str(error.msg or error)) from None
        total = cursor.rowcount
    if as_json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2, default=str))
    else:
        _print_table(columns, rows, total)


def _refuse_doubles(columns: list[str]) -> None:
    """An object has each name once, so that one of two columns would be lost."""
    doubles = sorted({name for name, times in Counter(columns).items() if times > 1})
    if doubles:
        raise CommandError(
            f"--json: more than one column is called {', '.join(doubles)}; give each an alias of its own (… AS name)",
            exit_code=2,
        )


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], total: int | None) -> None:
    table = Table()
    for column in columns:
        table.add_column(visible(column), overflow="fold")  # what was cut off could not be copied
    for row in rows[:_SHOWN_ROWS]:
        table.add_row(*(visible("NULL" if value is None else value) for value in row))
    results.print(table)
    if len(rows) > _SHOWN_ROWS:
        count = f"{total:,}" if total else f"more than {_SHOWN_ROWS:,}"
        results.print(f"{count} rows, the first {_SHOWN_ROWS:,} shown; --json prints all")
