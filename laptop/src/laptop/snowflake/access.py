"""Access control: ownership, inherited roles, and USAGE on the containers."""

from __future__ import annotations

from typing import TypeVar

from laptop.snowflake import errors
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.grants import Grants
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Account, Database, Entity, Schema
from laptop.snowflake.parameters import INTEGRATION_TO_LOAD, setting, timezone
from laptop.snowflake.sql.granting import ACCOUNT_NAME

E = TypeVar("E", bound=Entity)


class Access:
    """Checks access for one role at a time, using the catalog and the grants."""

    def __init__(self, catalog: Catalog, grants: Grants) -> None:
        self._catalog = catalog
        self._grants = grants

    def owns(self, role: str, entity: Entity) -> bool:
        """True if the role, or one it inherits, owns the object."""
        return entity.owner in self._grants.effective(role)

    def has(self, role: str, privilege: str, entity: Entity) -> bool:
        """True if the role may use the privilege on the object."""
        roles = self._grants.effective(role)
        return entity.owner in roles or self._grants.holds(roles, privilege, entity.id)

    def may_globally(self, role: str, privilege: str) -> bool:
        """True if the role holds a privilege on the account."""
        account = self._catalog.get(Account, ACCOUNT_NAME)
        return self._grants.holds(self._grants.effective(role), privilege, account.id)

    def timezone(self) -> str:
        """The time zone of the account."""
        return timezone(self._catalog)

    def forbids_keys(self) -> bool:
        """True if the account lets only stages with a storage integration load."""
        return bool(setting(self._catalog, INTEGRATION_TO_LOAD))

    def sees(self, role: str, entity: Entity) -> bool:
        """True if the role may see the object: it has a privilege on it, and USAGE on its containers."""
        if entity.kind in (Kind.ROLE, Kind.USER, Kind.ACCOUNT):
            return True
        if not self._may_enter(role, entity):
            return False
        roles = self._grants.effective(role)
        return entity.owner in roles or self._grants.holds_any(roles, entity.id)

    def visible(self, role: str, entity_type: type[E], name: Name) -> E:
        """The object of that name.

        Raises:
            SnowflakeError: It does not exist, or is hidden from the role.
        """
        found = self._catalog.find(entity_type, name)
        if found is None or not self.sees(role, found):
            raise errors.not_found(entity_type.kind, name)
        return found

    def usable(self, role: str, privileges: tuple[str, ...], entity_type: type[E], name: Name) -> E:
        """The object of that name, on which the role holds one of the privileges.

        Raises:
            SnowflakeError: It is invisible, or none of the privileges is held.
        """
        entity = self.visible(role, entity_type, name)
        if not any(self.has(role, privilege, entity) for privilege in privileges):
            raise errors.insufficient_privileges(entity.kind, entity.name.last)
        return entity

    def owned(self, role: str, entity_type: type[E], name: Name) -> E:
        """The object of that name, which the role must own.

        Raises:
            SnowflakeError: It is invisible, or another role's.
        """
        entity = self.visible(role, entity_type, name)
        if not self.owns(role, entity):
            raise errors.insufficient_privileges(entity.kind, entity.name.last)
        return entity

    def _may_enter(self, role: str, entity: Entity) -> bool:
        parts = entity.name.parts
        containers: list[Entity | None] = []
        if len(parts) > 1:
            containers.append(self._catalog.find(Database, Name(parts[:1])))
        if len(parts) > 2:
            containers.append(self._catalog.find(Schema, Name(parts[:2])))
        return all(c is not None and self.has(role, "USAGE", c) for c in containers)
