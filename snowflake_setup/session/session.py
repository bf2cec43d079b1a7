"""A session in Snowflake, as far as lifecycles and monitor use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from snowflake_setup.session.errors import ObjectMissingError
from snowflake_setup.sql.base import Describe, Statement

Row = Mapping[str, Any]


class Session(Protocol):
    """All we ask of Snowflake; the connector and a test's fake both fit."""

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Run a statement; its rows with lower-case keys, those that `keep` wants if it is given.

        `keep` sees each row as it arrives, so that a lake of a million files need not fit into memory.
        """


def described(session: Session, statement: Describe) -> list[Row] | None:
    """The rows of DESC, or None where there is no such object."""
    try:
        return session.execute(statement)
    except ObjectMissingError:
        return None
