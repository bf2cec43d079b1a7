"""The objects of the account, kept in memory and written through to the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from laptop.snowflake import errors
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import ENTITIES, Entity
from laptop.snowflake.store import Store

E = TypeVar("E", bound=Entity)


class Catalog:
    """The account's objects by kind and name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._objects: dict[tuple[Kind, Name], Entity] = {}
        self.load()
        store.on_rollback(self.load)

    def load(self) -> None:
        """Load the objects from the store, replacing those in memory."""
        rows = self._store.rows("SELECT kind, body FROM account.objects")
        entities = [ENTITIES[Kind(kind)].model_validate_json(body) for kind, body in rows]
        # Other threads read concurrently: they see the old objects or the new ones, never none.
        self._objects = {(entity.kind, entity.name): entity for entity in entities}

    def find(self, entity_type: type[E], name: Name) -> E | None:
        """The object of that type and full name, if there is one."""
        found = self._objects.get((entity_type.kind, name))
        return found if isinstance(found, entity_type) else None

    def get(self, entity_type: type[E], name: Name) -> E:
        """The object of that type and full name.

        Raises:
            SnowflakeError: There is none.
        """
        found = self.find(entity_type, name)
        if found is None:
            raise errors.not_found(entity_type.kind, name)
        return found

    def by_id(self, entity_type: type[E], entity_id: str) -> E | None:
        """The object with that id, if it still exists."""
        return next((entity for entity in self.all(entity_type) if entity.id == entity_id), None)

    def all(self, entity_type: type[E]) -> Iterator[E]:
        """All objects of a type, by name."""
        found = [entity for entity in list(self._objects.values()) if isinstance(entity, entity_type)]
        return iter(sorted(found, key=lambda entity: entity.name))

    def inside(self, container: Name) -> list[Entity]:
        """Everything in a database or schema, at any depth, innermost first."""
        depth = len(container.parts)
        found = [
            entity
            for entity in list(self._objects.values())
            if len(entity.name.parts) > depth and entity.name.parts[:depth] == container.parts
        ]
        return sorted(found, key=lambda entity: -len(entity.name.parts))

    def put(self, entity: Entity) -> None:
        """Add the object, or replace that of the same name."""
        self._forget_row(self._objects.get((entity.kind, entity.name)))
        self._objects[entity.kind, entity.name] = entity
        body = entity.model_dump_json()
        self._store.execute(
            "INSERT INTO account.objects VALUES (?, ?, ?)", [entity.id, entity.kind.value, body]
        )

    def remove(self, entity: Entity) -> None:
        """Remove the object."""
        self._forget_row(entity)
        del self._objects[entity.kind, entity.name]

    def _forget_row(self, entity: Entity | None) -> None:
        if entity is not None:
            self._store.execute("DELETE FROM account.objects WHERE id = ?", [entity.id])
