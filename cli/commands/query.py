"""`clickstream query`: run one statement; show its rows as a table, as records or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, print_columns, results, tell, visible

_SHOWN_ROWS = 1000
# The padding that a table draws around each value.
_BORDER = 3


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, in quotes.")],
    env: Env = DEFAULT_ENV,
    connection: Connection = None,
    as_json: AsJson = False,
) -> None:
    """Run one SQL statement in the environment's Snowflake.

    On the laptop it runs as the administrator, in a real environment as you. Rows too wide for the terminal are printed
    one value a line. With --json they are an array of objects.

    \b
    clickstream query 'SELECT event_type, COUNT(*) FROM click_events GROUP BY 1'
    clickstream query 'SELECT properties:status::int, COUNT(*) FROM click_events GROUP BY 1' --json
    clickstream query --env dev --connection my_account 'SELECT COUNT(*) FROM click_events'
    """
    import snowflake.connector

    from cli.deployment import Deployment

    with Deployment.of(env, connection=connection).snowflake() as session, session.cursor() as cursor:
        try:
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
        return
    _print_rows(columns, rows[:_SHOWN_ROWS])
    if len(rows) > _SHOWN_ROWS:
        count = f"{total:,}" if total else f"more than {_SHOWN_ROWS:,}"
        tell(f"{count} rows, the first {_SHOWN_ROWS:,} shown; --json prints all")


def _refuse_doubles(columns: list[str]) -> None:
    """Refuse duplicate column names: a JSON object would lose one of the columns."""
    doubles = sorted({name for name, times in Counter(columns).items() if times > 1})
    if doubles:
        raise CommandError(
            f"--json: more than one column is called {', '.join(doubles)}; give each its own alias (… AS name)",
            exit_code=2,
        )


def _print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print one row a line, or one value a line if that does not fit."""
    from rich.table import Table

    shown = [[visible("NULL" if value is None else value) for value in row] for row in rows]
    names = [visible(column) for column in columns]
    widths = [max(cell.cell_len for cell in column) for column in zip(names, *shown, strict=True)]
    if sum(width + _BORDER for width in widths) < results().width:
        table = Table()
        for name in names:
            table.add_column(name)
        for row in shown:
            table.add_row(*row)
        results().print(table)
        return
    for number, row in enumerate(shown, start=1):
        tell(f"-- row {number}")
        print_columns(zip(names, row, strict=True))
