"""Policies and tags of a view, and GET_DDL, which shows them."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, literal, quote_if_needed
from laptop.snowflake.objects import Protection, View
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import ProtectView


def protect_view(engine: Engine, session: Session, statement: ProtectView) -> Result:
    """Set or unset a policy or tag; replacing the view loses it."""
    view = engine.access.owned(session.role, View, session.resolve(statement.name, Kind.VIEW, "ALTER VIEW"))
    wanted = statement.protection
    names = {column.name for column in view.columns}
    if wanted.column is not None and wanted.column not in names:
        raise errors.invalid_identifier(wanted.column)
    others = tuple(each for each in view.protections if _slot(each) != _slot(wanted))
    protections = (*others, wanted) if statement.on else others
    engine.catalog.put(view.model_copy(update={"protections": protections}))
    return status("Statement executed successfully.")


def _slot(protection: Protection) -> tuple[str, str | None]:
    """The identity of a policy or tag on its view: a column has one masking policy."""
    return protection.kind, protection.column or protection.name


def definition_of(engine: Engine, session: Session, name: Name) -> str:
    """The view as GET_DDL writes it: to roles that may not apply policies, these and tags have no names.

    https://docs.snowflake.com/en/sql-reference/functions/get_ddl
    """
    view = engine.access.visible(session.role, View, name)
    named = "ACCOUNTADMIN" in engine.grants.effective(session.role)
    columns = ",\n\t".join(
        quote_if_needed(column.name) + _written(view, column.name, named=named) for column in view.columns
    )
    comment = f" COMMENT={literal(view.comment)}" if view.comment else ""
    head = f"create or replace view {quote_if_needed(name.last)}(\n\t{columns}\n)"
    return f"{head}{_written(view, None, named=named)}{comment}\n as {view.query};"


def _written(view: View, column: str | None, *, named: bool) -> str:
    text = ""
    for protection in view.protections:
        if protection.column != column:
            continue
        if protection.kind == "TAG":
            text += (
                f" WITH TAG ({protection.name}='…')" if named else " WITH TAG (#unknown_tag='#unknown_value')"
            )
        else:
            text += f" WITH {protection.kind} {protection.name if named else '#unknown_policy'}"
    return text
