"""Functions that return information on the session, a pipe, or loads."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp, parse_one

from laptop.snowflake import errors
from laptop.snowflake.commands.protect_view import definition_of
from laptop.snowflake.commands.use import require_warehouse
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, literal, quote
from laptop.snowflake.objects import DynamicTable, Pipe, Stage, Table, now
from laptop.snowflake.queries.error_table import replace_error_tables
from laptop.snowflake.queries.expiring import policy_on, policy_references
from laptop.snowflake.queries.flatten import as_lateral
from laptop.snowflake.queries.integration_check import validate_integration
from laptop.snowflake.queries.login_history import login_history
from laptop.snowflake.queries.sources import INTERNAL
from laptop.snowflake.session import Session
from laptop.snowflake.sql.reader import parse_name

_Arguments = dict[str, exp.Expr]
# https://docs.snowflake.com/en/sql-reference/functions/system_pipe_force_resume
_OVERRIDES = {
    "SYSTEM$PIPE_STATUS": frozenset[str](),
    "SYSTEM$PIPE_FORCE_RESUME": frozenset({"staleness_check_override", "ownership_transfer_check_override"}),
}


def replace_functions(engine: Engine, session: Session, expression: exp.Expr) -> exp.Expr:
    """The query with those functions replaced by their results, in place.

    Raises:
        SnowflakeError: An argument is missing or wrong, or the object is hidden from the role.
    """
    replace_error_tables(engine, session, expression)
    for rows in list(expression.find_all(exp.TableFromRows)):
        rows.replace(_table_function(engine, session, rows))
    return expression.transform(lambda node: _scalar(engine, session, node), copy=False)


def _scalar(engine: Engine, session: Session, node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.upper() == "GET_DDL":
        return exp.Literal.string(_definition(engine, session, node))
    if isinstance(node, exp.Anonymous) and node.name.upper().startswith("SYSTEM$"):
        if node.name.upper() == "SYSTEM$LAST_CHANGE_COMMIT_TIME":
            return exp.Literal.number(_last_change(engine, session, node))
        return exp.Literal.string(_system(engine, session, node))
    name = (
        node.name
        if isinstance(node, exp.Anonymous)
        else node.sql_name()
        if isinstance(node, exp.Func)
        else ""
    )
    context: dict[str, str | None] = {
        "CURRENT_ROLE": session.role,
        "CURRENT_USER": session.user,
        "CURRENT_DATABASE": session.database,
        "CURRENT_SCHEMA": session.schema,
        "CURRENT_ACCOUNT": "LOCAL",
        "CURRENT_REGION": f"AWS_{engine.region.upper().replace('-', '_')}",
        "CURRENT_ACCOUNT_NAME": "LOCAL",
        "CURRENT_WAREHOUSE": session.warehouse,
        "CURRENT_VERSION": "0.0.0 (stand-in)",
        "CURRENT_SESSION": str(session.id),
    }
    if name.upper() not in context:
        return node
    value = context[name.upper()]
    return exp.Literal.string(value) if value is not None else exp.Null()


def _system(engine: Engine, session: Session, node: exp.Anonymous) -> str:
    name = node.name.upper()
    if name == "SYSTEM$VALIDATE_STORAGE_INTEGRATION":
        return validate_integration(engine, session, _texts(node))
    if name not in _OVERRIDES:
        raise errors.unsupported(f"function {name}")
    given = _texts(node)
    overrides = set(re.split(r"\s*,\s*", given[1])) if len(given) == 2 else set()
    if len(given) not in (1, 2) or not overrides <= _OVERRIDES[name]:
        raise errors.unsupported(f"{name} with anything but a pipe's name and overrides in quotes")
    pipe_name = session.resolve(parse_name(given[0]), Kind.PIPE, name)
    if name == "SYSTEM$PIPE_STATUS":
        return engine.pipe_status.report(engine.access.usable(session.role, ("MONITOR",), Pipe, pipe_name))
    with engine.store.transaction():
        pipe = engine.access.usable(session.role, ("OPERATE",), Pipe, pipe_name)
        engine.catalog.put(pipe.model_copy(update={"execution_paused": False}))
    engine.pipes.resume()
    return "SUCCESS"


def _last_change(engine: Engine, session: Session, node: exp.Anonymous) -> int:
    """Nanoseconds since 1970; the page names no privilege, so it takes SELECT.

    https://docs.snowflake.com/en/sql-reference/functions/system_last_change_commit_time
    """
    (text,) = _texts(node)
    name = session.resolve(parse_name(text), Kind.TABLE, node.name.upper())
    table = engine.access.usable(session.role, ("SELECT",), Table, name)
    loads = engine.store.rows(
        "SELECT max(last_load_time) FROM account.load_history WHERE table_id = ? AND row_count > 0",
        [table.id],
    )
    times = [table.created_on, engine.changed.get(table.id), loads[0][0]]
    return int(max(moment for moment in times if moment).timestamp() * 1e9)


def _definition(engine: Engine, session: Session, node: exp.Anonymous) -> str:
    given = _texts(node)
    kinds = {"VIEW": Kind.VIEW, "DYNAMIC_TABLE": Kind.DYNAMIC_TABLE}
    if len(given) != 2 or given[0].upper() not in kinds:
        raise errors.unsupported("GET_DDL with anything but 'VIEW' or 'DYNAMIC_TABLE' and a name")
    # Whether it needs a warehouse is not documented.
    require_warehouse(engine, session)
    name = session.resolve(parse_name(given[1]), kinds[given[0].upper()], "GET_DDL")
    if kinds[given[0].upper()] is Kind.DYNAMIC_TABLE:
        table = engine.access.visible(session.role, DynamicTable, name)
        # It is not documented that this policy is shown, nor where.
        policy = policy_on(engine, table)
        return table.text + (f" WITH STORAGE LIFECYCLE POLICY {policy.name}" if policy else "")
    return definition_of(engine, session, name)


def _texts(node: exp.Anonymous) -> list[str]:
    if not all(argument.is_string for argument in node.expressions):
        raise errors.unsupported(f"{node.name.upper()} with anything but texts in quotes")
    return [argument.name for argument in node.expressions]


def _table_function(engine: Engine, session: Session, rows: exp.TableFromRows) -> exp.Expr:
    """The subquery for TABLE(db.INFORMATION_SCHEMA.FUNCTION(…)) or TABLE(FLATTEN(…))."""
    call = rows.this
    if isinstance(call, exp.Explode):
        return as_lateral(rows)
    path: list[str] = []
    while isinstance(call, exp.Dot):
        path += [part.name.upper() for part in call.this.find_all(exp.Identifier)]
        call = call.expression
    name = call.name.upper() if isinstance(call, exp.Anonymous) else type(call).__name__.upper()
    answer = _TABLE_FUNCTIONS.get(name)
    if answer is None or not isinstance(call, exp.Anonymous):
        raise errors.unsupported(f"table function {name}")
    arguments = {kwarg.this.name.upper(): kwarg.expression for kwarg in call.find_all(exp.Kwarg)}
    database = next((part for part in path if part != "INFORMATION_SCHEMA"), session.database)
    query = answer(engine, _looking_in(session, database), arguments)
    alias = rows.args.get("alias")
    return query.subquery(alias.name if alias else f"{name}_ROWS", copy=False)


def _looking_in(session: Session, database: str | None) -> Session:
    return Session(session.id, session.user, session.role, database, session.schema, session.warehouse)


def _copy_history(engine: Engine, session: Session, arguments: _Arguments) -> exp.Select:
    name = session.resolve(
        _name_argument(arguments, "TABLE_NAME", "COPY_HISTORY"), Kind.TABLE, "COPY_HISTORY"
    )
    table = engine.access.visible(session.role, Table, name)
    pipes = [
        pipe
        for pipe in engine.catalog.all(Pipe)
        if pipe.copy_spec.table == name and engine.access.has(session.role, "MONITOR", pipe)
    ]
    catalog, schema, last = (literal(part) for part in name.parts)
    shown = now() - engine.history_delay
    query = f"""
        SELECT FILE_NAME, STAGE_LOCATION, LAST_LOAD_TIME, ROW_COUNT, ROW_PARSED, FILE_SIZE, FIRST_ERROR_MESSAGE,
            FIRST_ERROR_LINE_NUMBER, FIRST_ERROR_CHARACTER_POS, FIRST_ERROR_COLUMN_NAME, ERROR_COUNT, ERROR_LIMIT,
            STATUS, {catalog} AS TABLE_CATALOG_NAME, {schema} AS TABLE_SCHEMA_NAME, {last} AS TABLE_NAME,
            {_pipe_part(pipes, 0)} AS PIPE_CATALOG_NAME, {_pipe_part(pipes, 1)} AS PIPE_SCHEMA_NAME,
            {_pipe_part(pipes, 2)} AS PIPE_NAME, PIPE_RECEIVED_TIME
        FROM "{INTERNAL}"."{INTERNAL}".LOAD_HISTORY
        WHERE TABLE_ID = {literal(table.id)} AND LAST_LOAD_TIME <= {literal(shown.isoformat())}::TIMESTAMP_LTZ"""
    return _between(query, arguments, "COPY_HISTORY")


def _validate_pipe_load(engine: Engine, session: Session, arguments: _Arguments) -> exp.Select:
    """Rows for the pipe's owner, or a role with rights on pipe, stage and table; none for others.

    https://docs.snowflake.com/en/sql-reference/functions/validate_pipe_load
    """
    name = _name_argument(arguments, "PIPE_NAME", "VALIDATE_PIPE_LOAD")
    pipe = engine.access.visible(session.role, Pipe, session.resolve(name, Kind.PIPE, "VALIDATE_PIPE_LOAD"))
    needed = [
        (pipe, "MONITOR"),
        (engine.catalog.find(Stage, pipe.copy_spec.stage), "USAGE"),
        (engine.catalog.find(Table, pipe.copy_spec.table), "SELECT"),
        (engine.catalog.find(Table, pipe.copy_spec.table), "INSERT"),
    ]
    entitled = engine.access.owns(session.role, pipe) or all(
        entity is not None and engine.access.has(session.role, privilege, entity)
        for entity, privilege in needed
    )
    query = f"""
        SELECT E.ERROR, H.FILE_NAME AS FILE, E.LINE, E."CHARACTER", CAST(NULL AS NUMBER) AS BYTE_OFFSET,
            CASE WHEN E.CODE = 100069 THEN 'parsing' ELSE 'conversion' END AS CATEGORY, E.CODE,
            '22000' AS SQL_STATE, E.COLUMN_NAME, E.ROW_NUMBER, E.LINE AS ROW_START_LINE
        FROM "{INTERNAL}"."{INTERNAL}".LOAD_ERRORS AS E
        JOIN "{INTERNAL}"."{INTERNAL}".LOAD_HISTORY AS H ON E.LOAD_ID = H.LOAD_ID
        WHERE H.PIPE_ID = {literal(pipe.id)} AND {entitled}"""
    return _between(query, arguments, "VALIDATE_PIPE_LOAD")


def _policy_references(engine: Engine, session: Session, arguments: _Arguments) -> exp.Select:
    """The storage lifecycle policy of a table, in the columns that are of use.

    https://docs.snowflake.com/en/sql-reference/functions/policy_references
    """
    name = _name_argument(arguments, "REF_ENTITY_NAME", "POLICY_REFERENCES")
    domain = arguments.get("REF_ENTITY_DOMAIN")
    if domain is None or domain.name.upper() != "TABLE":
        raise errors.unsupported("POLICY_REFERENCES with another domain than 'TABLE'")
    full = session.resolve(name, Kind.TABLE, "POLICY_REFERENCES")
    require_warehouse(engine, session)
    table: Table | DynamicTable = (
        engine.access.visible(session.role, DynamicTable, full)
        if engine.catalog.find(DynamicTable, full)
        else engine.access.visible(session.role, Table, full)
    )
    found = policy_references(engine, session.role, table)
    parts = found[0][0].parts if found else (None, None, None)
    columns = f"[ {', '.join(quote(column) for column in found[0][1])} ]" if found else None
    values = (*parts, "STORAGE_LIFECYCLE_POLICY", full.last, columns, "ACTIVE")
    names = (
        "POLICY_DB",
        "POLICY_SCHEMA",
        "POLICY_NAME",
        "POLICY_KIND",
        "REF_ENTITY_NAME",
        "REF_ARG_COLUMN_NAMES",
    )
    rows = [
        exp.alias_(exp.cast(exp.convert(value), "VARCHAR"), column)
        for column, value in zip((*names, "POLICY_STATUS"), values, strict=True)
    ]
    return exp.select(*rows).where(exp.true() if found else exp.false())


def _between(query: str, arguments: _Arguments, function: str) -> exp.Select:
    if "START_TIME" not in arguments:
        raise errors.compilation_error(f"{function} needs START_TIME", errno=1003, sqlstate="42000")
    select = parse_one(query, read="snowflake")
    if not isinstance(select, exp.Select):
        raise TypeError(type(select))
    time = exp.column("LAST_LOAD_TIME")
    select = select.where(exp.GTE(this=time, expression=_instant(arguments["START_TIME"])), copy=False)
    if "END_TIME" in arguments:
        select = select.where(
            exp.LTE(this=time.copy(), expression=_instant(arguments["END_TIME"])), copy=False
        )
    return select


def _instant(expression: exp.Expr) -> exp.Expr:
    return exp.cast(expression.copy(), "TIMESTAMPLTZ")


def _name_argument(arguments: _Arguments, key: str, function: str) -> Name:
    value = arguments.get(key)
    if value is None or not value.is_string:
        raise errors.compilation_error(f"{function} needs {key} => '<name>'", errno=1003, sqlstate="42000")
    return parse_name(value.name)


def _pipe_part(pipes: list[Pipe], part: int) -> str:
    whens = " ".join(f"WHEN PIPE_ID = {literal(p.id)} THEN {literal(p.name.parts[part])}" for p in pipes)
    return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"


_TABLE_FUNCTIONS: dict[str, Callable[[Engine, Session, _Arguments], exp.Select]] = {
    "COPY_HISTORY": _copy_history,
    "LOGIN_HISTORY_BY_USER": login_history,
    "POLICY_REFERENCES": _policy_references,
    "VALIDATE_PIPE_LOAD": _validate_pipe_load,
}
