"""The lifecycle of a kind of object: read what is wanted, look at what is there, decide what to do.

Looking reads and deciding computes; nothing here changes Snowflake. The Lambda carries out what was decided,
`clickstream plan` prints it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from clickstream_wire.resources import Attribute
from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.look import Kind, See
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.base import Drop
from snowflake_setup.sql.identifiers import ObjectName

Data = dict[str, str]


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
        owner: the mark of the template's resource: the same for all its requests, and no other's.
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
        """The wanted object with what the template leaves to other objects."""
        return spec

    @abstractmethod
    def require(self, new: S, there: T) -> None:
        """Make sure that `there` is the wanted object.

        Raises:
            DefinitionConflictError: it is another one.
        """

    @abstractmethod
    def make(self, new: S) -> Sequence[Action]:
        """For a Create, and for an Update of an object that is gone."""

    def adopt(self, new: S, there: T) -> Sequence[Action]:
        """For a Create of an object that is there."""
        self.require(new, there)
        return []

    @abstractmethod
    def change(self, old: S | None, new: S, there: T) -> Sequence[Action]:
        """For an Update; `old` is None where the properties of before cannot be read.

        With `old` equal to `new` this is what brings back an object that somebody changed: its drift.
        """

    def move(self, old: ObjectName, new: S, there: T | None) -> Sequence[Action]:
        """For an Update of the name; CloudFormation deletes `old` when the deployment is through."""
        return self.make(new) if there is None else self.adopt(new, there)

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """For a Delete; `on_delete` is the OnDelete property as it came."""
        return [self.dropped_by(name)]

    @abstractmethod
    def after(self, new: S, there: T | None) -> T | None:
        """The object as Snowflake will show it when `new` is carried out."""

    def assumed(self, deployed: S) -> T | None:
        """The object as Snowflake shows it if nobody has touched it since it was deployed."""
        return self.after(deployed, None)

    def attributes(self, new: S, there: T) -> Data:
        """The values that others in the template may refer to."""
        return {Attribute.FULL_NAME: str(new.name)}
