"""Objects as Snowflake shows them: existing ones, or in a plan those that will exist by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, TypeVar

from snowflake_setup.session.session import Session, described
from snowflake_setup.sql.base import Describe
from snowflake_setup.sql.identifiers import ObjectName

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Kind(Protocol[T_co]):
    """A kind of object that can be looked at."""

    def look(self, session: Session, name: ObjectName) -> T_co | None:
        """The object as Snowflake shows it, or None if there is none."""


class See(Protocol):
    """Look an object up."""

    def __call__(self, kind: Kind[T], name: ObjectName) -> T | None:
        """The object of that name, or None if there is none."""


def seen_by(session: Session) -> See:
    """Look each object up in Snowflake."""

    def see(kind: Kind[T], name: ObjectName) -> T | None:
        return kind.look(session, name)

    return see


@dataclass(frozen=True)
class ShownOptions:
    """An object as DESC FILE FORMAT or INTEGRATION shows it: its options by name."""

    options: Mapping[str, str]

    described_by: ClassVar[type[Describe]]

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> Self | None:
        """The object of that name, or None if there is none."""
        rows = described(session, cls.described_by(name))
        if rows is None:
            return None
        return cls({str(row["property"]).upper(): str(row["property_value"]) for row in rows})
