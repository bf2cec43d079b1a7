"""Views in a query: each is replaced by its own query, which reads with the privileges of the view's owner."""

from __future__ import annotations

from sqlglot import exp

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Name
from laptop.snowflake.objects import View
from laptop.snowflake.queries.functions import replace_functions
from laptop.snowflake.queries.reading import parse_query, qualified
from laptop.snowflake.queries.sources import READ_AS, find_sources, named_tables
from laptop.snowflake.session import Session


def expand_views(
    engine: Engine,
    session: Session,
    expression: exp.Expr,
    *,
    written: exp.Table | None = None,
    inside: tuple[Name, ...] = (),
) -> None:
    """Replace every view by its query, in place; `inside` are the views that contain this query.

    Raises:
        SnowflakeError: The role may not read the view, or its query fails now.
    """
    for node, name in named_tables(session, expression):
        if node is written or engine.catalog.find(View, name) is None:
            continue
        view = engine.access.usable(session.role, ("SELECT",), View, name)
        if name in inside:
            raise errors.compilation_error(f"View definition for '{name}' refers to view being defined")
        node.replace(_subquery(view, node, _query(engine, session, view, (*inside, name))))


def _query(engine: Engine, session: Session, view: View, inside: tuple[Name, ...]) -> exp.Query:
    """The view's query with all tables resolved and checked; names are resolved in the view's schema."""
    database, schema, _ = view.name.parts
    owner = Session(session.id, session.user, view.owner, database, schema)
    try:
        query = replace_functions(engine, session, parse_query(view.query))
        expand_views(engine, owner, query, inside=inside)
        sources = find_sources(engine, owner, query)
        for node in query.find_all(exp.Table):
            node.meta.setdefault(READ_AS, view.owner)
        produced = len(qualified(query.copy(), sources).selects)
    except errors.SnowflakeError as error:
        if error.errno == errors.STAND_IN:
            raise
        text = f"Failure during expansion of view '{view.name.last}': {error.message}"
        raise errors.compilation_error(text, errno=2037, sqlstate="42601") from error
    if produced != len(view.columns):
        # Snowflake keeps a view's columns, so one on `*` breaks when its table gets another column.
        raise errors.compilation_error(
            f"View definition for '{view.name}' declared {len(view.columns)} column(s), but view query produces "
            f"{produced} column(s).",
            errno=2057,
            sqlstate="42601",
        )
    if not isinstance(query, exp.Query):
        raise errors.unsupported(f"{query.key.upper()} as a view")
    return query


def _subquery(view: View, node: exp.Table, query: exp.Query) -> exp.Subquery:
    alias = node.args.get("alias")
    columns = [exp.to_identifier(column.name, quoted=True) for column in view.columns]
    named = exp.TableAlias(
        this=alias.this if alias and alias.this else exp.to_identifier(view.name.last, quoted=True),
        columns=alias.columns if alias and alias.columns else columns,
    )
    unlikely = sorted(set(node.args) - {"this", "db", "catalog", "alias", "joins"})
    if any(node.args.get(part) for part in unlikely):
        raise errors.unsupported(f"{', '.join(unlikely)} of a view")
    return exp.Subquery(this=query, alias=named, joins=node.args.get("joins"))
