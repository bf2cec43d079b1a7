"""The commonest uses of SQLAlchemy, run by the clients' Python: prints the answers as JSON, by name."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Row, Table, create_engine, func, inspect, select, text

engine = create_engine("snowflake://", connect_args={"connection_name": "laptop"})


def reflected(connection: Any, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection)


def expression(connection: Any) -> Any:
    pages = reflected(connection, "clicks_once").c.page
    return connection.execute(select(pages, func.count()).group_by(pages).order_by(pages)).all()


def create_change_drop(_: Any) -> Any:
    table = Table("carts", MetaData(), Column("n", Integer))
    committing = engine.execution_options(isolation_level="AUTOCOMMIT")
    table.create(committing)
    with committing.connect() as connection:
        connection.execute(table.insert(), [{"n": 1}, {"n": 2}])
        found = connection.scalar(select(func.sum(table.c.n)))
    table.drop(committing)
    return found


def rows(sql: str, **parameters: Any) -> Callable[[Any], Any]:
    return lambda connection: connection.execute(text(sql), parameters).all()


QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "rows": rows("SELECT id, price FROM clicks ORDER BY at LIMIT 1"),
    "bound value": rows("SELECT COUNT(*) FROM clicks WHERE page = :page", page="cart"),
    "variant": rows("SELECT properties:n::int FROM clicks WHERE properties:n > 1"),
    "by hour": rows("SELECT DATE_TRUNC('hour', at) AS h, COUNT(*) FROM clicks GROUP BY h ORDER BY h"),
    "flatten": rows(
        "SELECT f.key, COUNT(*) FROM clicks, LATERAL FLATTEN(INPUT => properties) f GROUP BY f.key ORDER BY 1"
    ),
    "tables": lambda connection: inspect(connection).get_table_names(),
    "views": lambda connection: inspect(connection).get_view_names(),
    "columns": lambda connection: {
        c["name"]: str(c["type"]) for c in inspect(connection).get_columns("clicks")
    },
    "keys": lambda connection: inspect(connection).get_pk_constraint("clicks")["constrained_columns"],
    "table exists": lambda connection: [inspect(connection).has_table(name) for name in ("clicks", "nope")],
    "reflected": lambda connection: reflected(connection, "clicks").columns.keys(),
    "expression": expression,
    "commit and roll back": lambda connection: [connection.commit(), connection.rollback()],
    "create, change, drop": create_change_drop,
    "change in a transaction": rows("INSERT INTO clicks (id) VALUES ('c')"),
    "mistake": rows("SELECT nope FROM clicks"),
}


def answer(connection: Any, question: Callable[[Any], Any]) -> Any:
    try:
        return question(connection)
    except Exception as error:
        return str(error).splitlines()


def plain(value: Any) -> Any:
    """JSON for what is none."""
    if isinstance(value, Row):
        return list(value)
    return str(value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value)


with engine.connect() as connection:
    answers = {name: answer(connection, question) for name, question in QUESTIONS.items()}
engine.dispose()
print(json.dumps(answers, default=plain))
