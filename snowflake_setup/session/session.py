"""A session in Snowflake, as used by the lifecycles and the monitor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from snowflake_setup.session.errors import ObjectMissingError
from snowflake_setup.sql.base import Describe, Show, Statement

Row = Mapping[str, Any]


class Session(Protocol):
    """A session that runs statements: through the connector, or a fake in a test."""

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Run a statement; return its rows with lower-case keys, filtered by `keep`.

        `keep` is called for each row as it arrives, so that a list of a million files need not fit into memory.
        """


def described(session: Session, statement: Describe) -> list[Row] | None:
    """The rows of DESC, or None if there is no such object."""
    try:
        return session.execute(statement)
    except ObjectMissingError:
        return None


def shown(session: Session, statement: Show) -> Row | None:
    """The row of SHOW with exactly the object's name, or None if there is no such object."""
    name = statement.name.name.value
    try:
        rows = session.execute(statement, keep=lambda row: bool(row.get("name") == name))
    except ObjectMissingError:
        return None
    return rows[0] if rows else None
