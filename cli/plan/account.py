"""Questions to a real account through a person's own session, or to the laptop's as its administrator."""

from __future__ import annotations

import snowflake.connector
from snowflake.connector import DictCursor, SnowflakeConnection

from cli.plan.rehearsal import is_question
from snowflake_setup.session.refusals import statement_refusal
from snowflake_setup.session.tools import Row
from snowflake_setup.sql.base import Statement


class ConnectedAccount:
    """Puts questions, and refuses to put anything else."""

    def __init__(self, session: SnowflakeConnection) -> None:
        self._session = session

    def ask(self, statement: Statement) -> list[Row]:
        """The rows, with lower-case keys.

        Raises:
            SetupError: Snowflake refuses.
            ValueError: the statement would change something.
        """
        if not is_question(statement):
            raise ValueError(f"a plan changes nothing: {statement.kind}")
        try:
            with self._session.cursor(DictCursor) as cursor:
                cursor.execute(statement.sql())
                return [{str(key).lower(): value for key, value in row.items()} for row in cursor]
        except snowflake.connector.Error as error:
            raise statement_refusal(error, statement).error from None
