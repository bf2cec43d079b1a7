"""What Create, Update and Delete mean for one kind of object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Tools
from snowflake_setup.sql.identifiers import ObjectName


class Spec(Protocol):
    """What the template wants of an object."""

    @property
    def name(self) -> ObjectName:
        """The object's identity."""


S = TypeVar("S", bound=Spec)


class Resource(ABC, Generic[S]):
    """The lifecycle of one kind of object."""

    kind: ClassVar[str]

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    @abstractmethod
    def read(self, properties: Properties) -> S:
        """The wanted object from its properties."""

    @abstractmethod
    def create(self, spec: S) -> Data:
        """Make the object, or adopt the one that is there and equal."""

    @abstractmethod
    def update(self, old: S | None, new: S) -> Data:
        """Bring the object of the same name to `new`; `old` is None where its properties cannot be read."""

    def move(self, old: ObjectName, new: S) -> Data:
        """Make the object under its new name; CloudFormation deletes `old` when the deployment is through."""
        return self.create(new)

    @abstractmethod
    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Remove the object; `on_delete` is the OnDelete property as it came."""

    def read_old(self, properties: object) -> S | None:
        """The properties of before, or None: a rollback from unreadable properties must go through."""
        try:
            reader = Properties(properties, "OldResourceProperties")
            return self.read(reader)
        except SetupError:
            return None
