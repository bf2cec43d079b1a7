"""The lifecycle of a kind of object: read the wanted state, look at the actual state, decide on actions.

Nothing here changes Snowflake. The Lambda carries out the decided actions; `clickstream plan` prints them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from clickstream_wire.resources import MANAGED, Attribute
from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.look import Kind, See
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.base import Drop
from snowflake_setup.sql.comment_marks import unmarked
from snowflake_setup.sql.identifiers import ObjectName

Data = dict[str, str]


def require_unmanaged(kind: str, name: ObjectName, comment: str, there: str) -> None:
    """Check that an object to be adopted is not that of another resource, whose removal would drop it.

    Args:
        kind: the kind of object.
        name: its name.
        comment: the comment that the template wants.
        there: the comment that it has.

    Raises:
        DefinitionConflictError: it is managed, and has another comment.
    """
    theirs = unmarked(there)
    if MANAGED in theirs and theirs != comment:
        raise DefinitionConflictError(
            f"{kind.lower()} {name} exists already and is another resource's: {theirs!r}. Remove that resource in a "
            "deployment before this one, or choose another name"
        )


class Spec(Protocol):
    """An object as the template wants it."""

    @property
    def name(self) -> ObjectName:
        """The object's identity."""


S = TypeVar("S", bound=Spec)
T = TypeVar("T")


class Resource(ABC, Generic[S, T]):
    """The lifecycle of one kind of object, S as the template wants it and T as Snowflake shows it.

    Attributes:
        kind: its part of the physical id.
        shown: looks at an object.
        dropped_by: removes one.
        owner: the mark of the template's resource: the same in all its requests, and unique to it.
    """

    kind: ClassVar[str]
    shown: ClassVar[Kind[Any]]
    dropped_by: ClassVar[type[Drop]]

    def __init__(self, owner: str = "") -> None:
        self.owner = owner

    @abstractmethod
    def read(self, properties: Properties) -> S:
        """The wanted object from its properties."""

    def complete(self, spec: S, see: See) -> S:
        """The wanted object, completed with values that follow from other objects."""
        return spec

    @abstractmethod
    def require(self, new: S, there: T) -> None:
        """Check that `there` is the wanted object.

        Raises:
            DefinitionConflictError: it is a different one.
        """

    @abstractmethod
    def make(self, new: S) -> Sequence[Action]:
        """Actions for a Create, and for an Update of an object that no longer exists."""

    def adopt(self, new: S, there: T, see: See) -> Sequence[Action]:
        """Actions for a Create of an object that already exists."""
        self.require(new, there)
        return []

    @abstractmethod
    def change(self, old: S | None, new: S, there: T) -> Sequence[Action]:
        """Actions for an Update; `old` is None if the old properties cannot be read.

        With `old` equal to `new` they undo drift: changes made outside CloudFormation.
        """

    def move(self, old: ObjectName, new: S, there: T | None, see: See) -> Sequence[Action]:
        """Actions for an Update of the name; CloudFormation deletes `old` at the end of the deployment."""
        return self.make(new) if there is None else self.adopt(new, there, see)

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """Actions for a Delete; `on_delete` is the OnDelete property, unchecked."""
        return [self.dropped_by(name)]

    @abstractmethod
    def after(self, new: S, there: T | None) -> T | None:
        """The object as Snowflake will show it after `new` is carried out."""

    def assumed(self, deployed: S) -> T | None:
        """The object as Snowflake shows it if it is unchanged since its deployment."""
        return self.after(deployed, None)

    def attributes(self, new: S, there: T) -> Data:
        """The values that other resources of the template may refer to."""
        return {Attribute.FULL_NAME: str(new.name)}
