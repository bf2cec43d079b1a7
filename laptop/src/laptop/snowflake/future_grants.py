"""Future grants, applied to each new object of their kind."""

from __future__ import annotations

from dataclasses import dataclass

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.grants import Grants
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Database, Entity, Schema
from laptop.snowflake.store import Store


@dataclass(frozen=True)
class FutureGrant:
    """A privilege that a role gets on each new object of a kind in a schema or database."""

    privilege: str
    kind: Kind
    container_id: str
    role: str


class FutureGrants:
    """All future grants with their grantors, in memory and in the store."""

    def __init__(self, store: Store, catalog: Catalog, grants: Grants) -> None:
        self._store = store
        self._catalog = catalog
        self._grants = grants
        self._given_by: dict[FutureGrant, str] = {}
        self.load()
        store.on_rollback(self.load)

    def load(self) -> None:
        """Load the grants from the store, replacing those in memory."""
        rows = self._store.rows(
            "SELECT privilege, kind, container_id, role, granted_by FROM account.future_grants"
        )
        self._given_by = {FutureGrant(row[0], Kind(row[1]), row[2], row[3]): row[4] for row in rows}

    def give(self, grant: FutureGrant, granted_by: str) -> None:
        """Add a future grant, replacing an equal one."""
        self.take(grant)
        self._given_by[grant] = granted_by
        row = (grant.privilege, grant.kind.value, grant.container_id, grant.role, granted_by)
        self._store.insert_many("future_grants", [row])

    def take(self, grant: FutureGrant, taken_by: str = "") -> None:
        """Revoke a future grant; grants already made stay."""
        self._given_by.pop(grant, None)
        self._store.execute(
            "DELETE FROM account.future_grants WHERE privilege = ? AND kind = ? AND container_id = ? AND role = ?",
            [grant.privilege, grant.kind.value, grant.container_id, grant.role],
        )

    def inside(self, container: Entity) -> list[tuple[FutureGrant, str]]:
        """The future grants of a schema or database, and who gave each."""
        return [(grant, by) for grant, by in self._given_by.items() if grant.container_id == container.id]

    def forget(self, entity: Entity) -> None:
        """Remove the future grants of a dropped schema, database or role."""
        for grant in [*self._given_by]:
            to_role = entity.kind is Kind.ROLE and grant.role == entity.name.last
            if to_role or grant.container_id == entity.id:
                self.take(grant)

    def apply(self, entity: Entity) -> None:
        """Apply the future grants to a new object.

        If its schema has any for this kind of object, those of the database are ignored, whatever the privilege and
        the role. https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations
        """
        if entity.kind.depth < Kind.TABLE.depth:
            return
        schema = self._catalog.get(Schema, Name(entity.name.parts[:2]))
        database = self._catalog.get(Database, Name(entity.name.parts[:1]))
        for grant in self._of(schema, entity.kind) or self._of(database, entity.kind):
            self._grants.give(grant.privilege, entity.id, grant.role, self._given_by[grant])

    def _of(self, container: Entity, kind: Kind) -> list[FutureGrant]:
        return [grant for grant in self._given_by if (grant.container_id, grant.kind) == (container.id, kind)]
