"""What all statements have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.secret import Secret


@dataclass(frozen=True)
class Risk:
    """A reason to think twice before a statement runs."""

    mark: Literal["destructive", "loses history", "interrupts loading"]
    reason: str


@dataclass(frozen=True)
class Statement(ABC):
    """One SQL statement about one object; its fields are in the order of the SQL.

    Attributes:
        kind: what it does, for logs, errors and plans.
        reads: whether it leaves everything as it is.
        risk: why to look at it twice, if there is a reason.
        undo: what removes again what it makes.
        repeatable: whether it may be sent again when nobody knows if the first one was carried out.
        needs: the privilege it takes beside the way into the schema; empty where `kind` says it all.
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
        """The text Snowflake gets."""

    def secrets(self) -> tuple[Secret, ...]:
        """The secrets in the text; none of them may be shown."""
        return ()


class Describe(Statement):
    """DESC: the object's properties as rows. https://docs.snowflake.com/en/sql-reference/sql/desc."""

    reads = True

    def sql(self) -> str:
        return f"{self.kind} {self.name.sql()}"


class Drop(Statement):
    """DROP … IF EXISTS. https://docs.snowflake.com/en/sql-reference/sql/drop."""

    def sql(self) -> str:
        return f"{self.kind} IF EXISTS {self.name.sql()}"
