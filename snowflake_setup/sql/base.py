"""What all statements have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.secret import Secret


class Noun(StrEnum):
    """The kinds of object this function makes."""

    FILE_FORMAT = "FILE FORMAT"
    STAGE = "STAGE"
    TABLE = "TABLE"
    PIPE = "PIPE"
    INTEGRATION = "INTEGRATION"
    VIEW = "VIEW"


@dataclass(frozen=True)
class Statement(ABC):
    """One SQL statement about one object; its fields are in the order of the SQL."""

    name: ObjectName

    # Whether it may be sent again when nobody knows if the first one was carried out.
    repeatable: ClassVar[bool] = True

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it does, for logs and errors."""

    @abstractmethod
    def sql(self) -> str:
        """The text Snowflake gets."""

    @property
    def needs(self) -> str:
        """What the role must hold for it beside the way into the schema; empty where `kind` says it all."""
        return ""

    def secrets(self) -> tuple[Secret, ...]:
        """The secrets in the text; none of them may be shown."""
        return ()


@dataclass(frozen=True)
class Describe(Statement):
    """DESC: the object's properties as rows. https://docs.snowflake.com/en/sql-reference/sql/desc."""

    noun: Noun

    @property
    def kind(self) -> str:
        """DESC and the noun."""
        return f"DESC {self.noun}"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"{self.kind} {self.name.sql()}"


@dataclass(frozen=True)
class Drop(Statement):
    """DROP … IF EXISTS. https://docs.snowflake.com/en/sql-reference/sql/drop."""

    noun: Noun

    @property
    def kind(self) -> str:
        """DROP and the noun."""
        return f"DROP {self.noun}"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"{self.kind} IF EXISTS {self.name.sql()}"
