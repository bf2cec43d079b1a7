"""The expected state of Snowflake during a deployment: its present objects, changed by the plan so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from snowflake_setup.objects.actions import Remark
from snowflake_setup.objects.look import Kind
from snowflake_setup.session.clock import InvocationClock
from snowflake_setup.session.connection import run
from snowflake_setup.session.connector_errors import Refusal
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretsManager
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

T = TypeVar("T")
Key = tuple[Kind[Any], ObjectName]


class NotAskedError(SnowflakeError):
    """Snowflake is not queried without --live."""


class Questions:
    """A read-only session: the user's own, or without --live one that refuses every query."""

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._asked: list[Statement] = []

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """The rows.

        Raises:
            SetupError: Snowflake refuses, or is not queried.
            ValueError: the statement would change something.
        """
        if not statement.reads:
            raise ValueError(f"a plan changes nothing: {statement.kind}")
        self._asked.append(statement)
        if self._session is None:
            raise NotAskedError(f"{statement.kind} {statement.name}: not asked")
        return self._session.execute(statement, keep)

    def take(self) -> list[Statement]:
        """The queries since the last call."""
        asked, self._asked = self._asked, []
        return asked


class OwnSession:
    """The user's own connection, with the interface of the Lambda's session."""

    def __init__(self, connection: SnowflakeConnection) -> None:
        self._connection = connection

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Run a statement once; return its rows.

        Raises:
            SnowflakeError: Snowflake refuses.
        """
        outcome = run(self._connection, statement, keep)
        if isinstance(outcome, Refusal):
            raise outcome.error
        return outcome


class Warnings(Log):
    """Collects the warnings that the Lambda would log."""

    def __init__(self) -> None:
        super().__init__()
        self._remarks: list[Remark] = []

    def take(self) -> list[Remark]:
        """The warnings since the last call."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def _write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        if level == "WARNING":
            self._remarks.append(Remark(message, fields))


# No function ends while a plan is made.
_UNLIMITED = InvocationClock(lambda: 3_600_000)


class Forecast:
    """Snowflake's objects as they will be at the next request of the deployment.

    Args:
        account: the name of the Snowflake account.
        session: the user's own; None if Snowflake is not to be queried.
        assumed: the objects as they were deployed, used if Snowflake is not queried.
    """

    def __init__(self, account: str, session: Session | None, assumed: Mapping[Key, Any]) -> None:
        self._assumed = assumed
        self._seen: dict[Key, Any] = {}
        self.questions = Questions(session)
        self.warnings = Warnings()
        self.invocation = Invocation(account, self.questions, SecretsManager(), _UNLIMITED, self.warnings)

    def see(self, kind: Kind[T], name: ObjectName) -> T | None:
        """Look an object up."""
        if (kind, name) not in self._seen:
            try:
                self._seen[kind, name] = kind.look(self.questions, name)
            except NotAskedError:
                self._seen[kind, name] = self._assumed.get((kind, name))
        found: T | None = self._seen[kind, name]
        return found

    def expect(self, kind: Kind[Any], name: ObjectName, shown: Any) -> None:
        """Record the state of an object after a request."""
        self._seen[kind, name] = shown
