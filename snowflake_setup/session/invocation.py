"""The context of one Lambda invocation: session in Snowflake, secrets, clock and log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from snowflake_setup.session.clock import Clock
from snowflake_setup.session.errors import ObjectMissingError, SetupError
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretStore
from snowflake_setup.session.session import Session
from snowflake_setup.sql.base import Drop, Statement


@dataclass(frozen=True)
class Invocation:
    """One invocation, and the objects it has created so far."""

    account: str
    session: Session
    secrets: SecretStore
    clock: Clock
    log: Log
    _made: list[Drop] = field(default_factory=list)

    @contextmanager
    def or_undo(self) -> Iterator[None]:
        """Drop the objects created in this block, and nothing else, if the block fails.

        CDK's framework sends no Delete after a failed Create.
        """
        self._made.clear()
        try:
            yield
        except BaseException:
            while self._made:
                self._drop_quietly(self._made.pop())
            raise

    def make(self, statement: Statement) -> None:
        """Run a statement, and record the object it creates, unless the object already existed."""
        rows = self.session.execute(statement)
        if statement.undo and not any("already exists" in str(row.get("status", "")) for row in rows):
            self._made.append(statement.undo(statement.name))

    def drop(self, statement: Drop) -> None:
        """Drop an object; a missing object, schema or database is fine, and so is one that this role may not see."""
        try:
            rows = self.session.execute(statement)
            there = not any("already dropped" in str(row.get("status", "")) for row in rows)
        except ObjectMissingError:
            there = False
        if not there:
            message = "nothing to drop, unless it is another role's"
            self.log.warning(message, object=str(statement.name), statement=statement.kind)

    def _drop_quietly(self, statement: Drop) -> None:
        """Drop without hiding the original error."""
        try:
            self.drop(statement)
        except SetupError as error:
            self.log.warning(
                "left behind after a failure",
                object=str(statement.name),
                statement=statement.kind,
                reason=str(error),
            )
