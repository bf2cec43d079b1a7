"""Grants on objects that are not there yet: each is given to an object of its kind when that is created."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.grants import Grants
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Entity, Schema, now
from laptop.snowflake.store import Store


@dataclass(frozen=True)
class FutureGrant:
    """A privilege that a role will hold on each new object of a kind in a schema."""

    privilege: str
    kind: Kind
    schema_id: str
    role: str
    granted_by: str
    created_on: dt.datetime
    grant_option: bool = False

    @property
    def key(self) -> tuple[str, Kind, str, str]:
        """What makes it the same grant, whoever gave it and when."""
        return self.privilege, self.kind, self.schema_id, self.role


class FutureGrants:
    """All of them, in memory and in the store."""

    def __init__(self, store: Store, catalog: Catalog, grants: Grants) -> None:
        self._store = store
        self._catalog = catalog
        self._grants = grants
        self._all: list[FutureGrant] = []
        self.load()
        store.on_rollback(self.load)

    def load(self) -> None:
        """Take the grants from the store, forgetting what is in memory."""
        rows = self._store.rows("SELECT * FROM account.future_grants ORDER BY created_on, privilege")
        self._all = [FutureGrant(privilege, Kind(kind), *rest) for privilege, kind, *rest in rows]

    def on(self, schema: Schema) -> list[FutureGrant]:
        """Those of a schema."""
        return [grant for grant in self._all if grant.schema_id == schema.id]

    def to_role(self, role: str) -> list[FutureGrant]:
        """Those that a role will profit from."""
        return [grant for grant in self._all if grant.role == role]

    def give(self, grant: FutureGrant) -> None:
        """Add it, in the place of the same one."""
        self.take(grant)
        self._all.append(grant)
        self._store.insert_many(
            "future_grants",
            [(*map(str, grant.key), grant.granted_by, grant.created_on, grant.grant_option)],
        )

    def take(self, grant: FutureGrant) -> None:
        """Take it back; what it has given stays."""
        self._all = [there for there in self._all if there.key != grant.key]
        self._store.execute(
            "DELETE FROM account.future_grants WHERE privilege = ? AND kind = ? AND schema_id = ? AND role = ?",
            list(map(str, grant.key)),
        )

    def forget(self, entity: Entity) -> None:
        """A schema or role is gone, and what was to be granted in it or to it."""
        for grant in [*self._all]:
            gone = grant.schema_id == entity.id or (
                entity.kind is Kind.ROLE and grant.role == entity.name.last
            )
            if gone:
                self.take(grant)

    def apply(self, entity: Entity) -> None:
        """Grant on a new object what was to be granted on it."""
        if entity.kind.depth < Kind.TABLE.depth:
            return
        for grant in self.on(self._catalog.get(Schema, Name(entity.name.parts[:2]))):
            if grant.kind is entity.kind:
                self._grants.give(
                    grant.privilege,
                    entity.id,
                    grant.role,
                    grant.granted_by,
                    grant_option=grant.grant_option,
                )


def future_grant(
    privilege: str, kind: Kind, schema: Schema, role: str, *, granted_by: str, grant_option: bool
) -> FutureGrant:
    """A grant that is given now."""
    return FutureGrant(privilege, kind, schema.id, role, granted_by, now(), grant_option)
