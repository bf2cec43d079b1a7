"""What the lifecycles work with: Snowflake, secrets, time and the log, each behind a small protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from snowflake_setup.session.clock import Clock
from snowflake_setup.session.errors import ObjectMissingError, SetupError
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretStore
from snowflake_setup.sql.base import Describe, Drop, Noun, Statement
from snowflake_setup.sql.identifiers import ObjectName

Row = Mapping[str, Any]
Data = dict[str, str]


class Warehouse(Protocol):
    """All we ask of Snowflake; the connector and a test's fake both fit."""

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Run a statement; its rows with lower-case keys, those that `keep` wants if it is given.

        `keep` sees each row as it arrives, so that a lake of a million files need not fit into memory.
        """


@dataclass(frozen=True)
class Tools:
    """The tools of one invocation."""

    account: str
    warehouse: Warehouse
    secrets: SecretStore
    clock: Clock
    log: Log
    # The mark of the template's resource that asks: the same for all its requests, and no other's.
    requester: str = ""

    def describe(self, noun: Noun, name: ObjectName) -> list[Row] | None:
        """The object's DESC rows, or None where there is no such object."""
        try:
            return self.warehouse.execute(Describe(name, noun))
        except ObjectMissingError:
            return None

    def describe_made(self, noun: Noun, name: ObjectName) -> list[Row]:
        """The DESC rows of an object that this call has made.

        Raises:
            ObjectMissingError: it cannot be seen, which is a matter of privileges.
        """
        return self.warehouse.execute(Describe(name, noun))

    def drop(self, noun: Noun, name: ObjectName) -> None:
        """Drop the object; one that is gone, with its schema or database or without, is dropped."""
        try:
            self.warehouse.execute(Drop(name, noun))
        except ObjectMissingError:
            self.log.info("nothing to drop", object=str(name), kind=noun)

    @contextmanager
    def creating(self, noun: Noun, statement: Statement) -> Iterator[None]:
        """Create an object and drop it again if what follows fails.

        CDK's framework sends no Delete after a failed Create, so what this call made this call removes,
        and nothing else: an object that somebody made in between is left alone.
        """
        rows = self.warehouse.execute(statement)
        ours = not any("already exists" in str(row.get("status", "")) for row in rows)
        try:
            yield
        except BaseException:
            if ours:
                self._drop_quietly(noun, statement.name)
            raise

    def _drop_quietly(self, noun: Noun, name: ObjectName) -> None:
        """Drop without hiding the error that led here."""
        try:
            self.drop(noun, name)
        except SetupError as error:
            self.log.warning("left behind after a failure", object=str(name), kind=noun, reason=str(error))


def described_properties(rows: list[Row]) -> dict[str, str]:
    """The `property` / `property_value` rows of DESC FILE FORMAT, STAGE and INTEGRATION."""
    return {str(row["property"]).upper(): str(row["property_value"]) for row in rows}
