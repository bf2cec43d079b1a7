"""Base classes of all statements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from snowflake_setup.sql.identifiers import ObjectName, literal
from snowflake_setup.sql.secret import Secret


@dataclass(frozen=True)
class Risk:
    """A reason to check a statement before it runs."""

    mark: Literal["destructive", "loses history", "interrupts loading", "moves values", "recomputes"]
    reason: str


@dataclass(frozen=True)
class Statement(ABC):
    """One SQL statement about one object; its fields are in the order of the SQL.

    Attributes:
        kind: the SQL command, for logs, errors and plans.
        reads: whether it changes nothing.
        risk: the reason to check it before it runs, if any.
        undo: the statement that removes the object it creates.
        repeatable: whether it may be sent again if it is unknown whether the first one was carried out.
        needs: the privilege it requires in addition to USAGE; empty if it follows from `kind`.
    """

    name: ObjectName

    kind: ClassVar[str]
    reads: ClassVar[bool] = False
    risk: ClassVar[Risk | None] = None
    undo: ClassVar[type[Drop] | None] = None
    repeatable: ClassVar[bool] = True
    needs: ClassVar[str] = ""

    @abstractmethod
    def sql(self) -> str:
        """The text sent to Snowflake."""

    def secrets(self) -> tuple[Secret, ...]:
        """The secrets in the text, which must not be shown."""
        return ()


class Describe(Statement):
    """DESC: the object's properties as rows. https://docs.snowflake.com/en/sql-reference/sql/desc."""

    reads = True

    def sql(self) -> str:
        return f"{self.kind} {self.name.sql()}"


class Show(Statement):
    """SHOW … LIKE the object's name, in its schema. https://docs.snowflake.com/en/sql-reference/sql/show.

    The name is a pattern in which `_` and `%` are wildcards, and case is ignored: pick the row by name. It is not
    documented whether a backslash escapes there, so it is asked for as any character.
    """

    reads = True

    def sql(self) -> str:
        pattern = literal(self.name.name.value.replace("\\", "_"))
        return f"{self.kind} LIKE {pattern} IN SCHEMA {self.name.parent.sql()}"


class Drop(Statement):
    """DROP … IF EXISTS. https://docs.snowflake.com/en/sql-reference/sql/drop."""

    def sql(self) -> str:
        return f"{self.kind} IF EXISTS {self.name.sql()}"
