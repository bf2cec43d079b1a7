"""Grants to roles, and memberships in roles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from laptop.snowflake.names import Kind
from laptop.snowflake.objects import now
from laptop.snowflake.store import Store

_SCHEMA_CREATIONS = (
    "CREATE TABLE",
    "CREATE STAGE",
    "CREATE FILE FORMAT",
    "CREATE PIPE",
    "CREATE VIEW",
    "CREATE DYNAMIC TABLE",
    "CREATE AUTHENTICATION POLICY",
    "CREATE STORAGE LIFECYCLE POLICY",
)
PRIVILEGES: dict[Kind, tuple[str, ...]] = {
    Kind.ACCOUNT: (
        "CREATE DATABASE",
        "CREATE ROLE",
        "CREATE USER",
        "CREATE WAREHOUSE",
        "CREATE INTEGRATION",
        "CREATE STORAGE INTEGRATION",
        "CREATE NETWORK POLICY",
        "MANAGE GRANTS",
    ),
    Kind.DATABASE: ("USAGE", "MODIFY", "MONITOR", "CREATE SCHEMA"),
    Kind.SCHEMA: ("USAGE", "MODIFY", "MONITOR", *_SCHEMA_CREATIONS),
    Kind.WAREHOUSE: ("USAGE", "OPERATE", "MONITOR", "MODIFY"),
    Kind.INTEGRATION: ("USAGE",),
    Kind.FILE_FORMAT: ("USAGE",),
    Kind.STAGE: ("USAGE",),
    Kind.TABLE: (
        "SELECT",
        "SELECT ERROR TABLE",
        "INSERT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "REFERENCES",
        "EVOLVE SCHEMA",
    ),
    Kind.PIPE: ("MONITOR", "OPERATE"),
    Kind.VIEW: ("SELECT", "REFERENCES"),
    Kind.DYNAMIC_TABLE: ("SELECT", "MONITOR", "OPERATE"),
    Kind.STORAGE_LIFECYCLE_POLICY: ("APPLY",),
}
# MANAGE GRANTS is not enough to grant these:
# https://docs.snowflake.com/en/user-guide/security-access-control-privileges#global-privileges-account-level-privileges
GRANTED_BY_ACCOUNTADMIN = frozenset(
    {"CREATE DATABASE", "CREATE WAREHOUSE", "CREATE INTEGRATION", "CREATE STORAGE INTEGRATION"}
)


@dataclass(frozen=True)
class Grant:
    """A privilege on an object, held by a role."""

    privilege: str
    object_id: str
    role: str
    granted_by: str
    created_on: dt.datetime
    grant_option: bool = False


@dataclass(frozen=True)
class Membership:
    """A role granted to another role or to a user."""

    role: str
    member_kind: Kind
    member: str
    granted_by: str
    created_on: dt.datetime


class Grants:
    """All grants, in memory and in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._grants: list[Grant] = []
        self._memberships: list[Membership] = []
        self.load()
        store.on_rollback(self.load)

    def load(self) -> None:
        """Load the grants from the store, replacing those in memory."""
        rows = self._store.rows("SELECT * FROM account.grants ORDER BY created_on, privilege")
        self._grants = [Grant(*row) for row in rows]
        rows = self._store.rows("SELECT * FROM account.memberships ORDER BY created_on, role")
        self._memberships = [Membership(role, Kind(kind), *rest) for role, kind, *rest in rows]

    def holds(self, roles: frozenset[str], privilege: str, object_id: str) -> bool:
        """True if one of the roles was granted the privilege."""
        return any(g.privilege == privilege for g in self.on(object_id) if g.role in roles)

    def may_pass_on(self, roles: frozenset[str], privilege: str, object_id: str) -> bool:
        """True if one of the roles was granted the privilege with the option to grant it to others."""
        return any(g.privilege == privilege and g.grant_option for g in self.on(object_id) if g.role in roles)

    def holds_any(self, roles: frozenset[str], object_id: str) -> bool:
        """True if one of the roles has any privilege on the object."""
        return any(g.role in roles for g in self.on(object_id))

    def on(self, object_id: str) -> list[Grant]:
        """The grants on an object."""
        return [grant for grant in self._grants if grant.object_id == object_id]

    def to_role(self, role: str) -> list[Grant]:
        """The direct grants of a role."""
        return [grant for grant in self._grants if grant.role == role]

    def give(
        self, privilege: str, object_id: str, role: str, granted_by: str, *, grant_option: bool = False
    ) -> None:
        """Grant a privilege; a repeated grant can only add the grant option."""
        itself = frozenset({role})
        if self.holds(itself, privilege, object_id):
            if not grant_option or self.may_pass_on(itself, privilege, object_id):
                return
            self.take(privilege, object_id, role)
        grant = Grant(privilege, object_id, role, granted_by, now(), grant_option)
        self._grants.append(grant)
        values = [privilege, object_id, role, granted_by, grant.created_on, grant_option]
        self._store.execute("INSERT INTO account.grants VALUES (?, ?, ?, ?, ?, ?)", values)

    def take(self, privilege: str, object_id: str, role: str) -> None:
        """Revoke a privilege."""
        kept = [g for g in self._grants if (g.privilege, g.object_id, g.role) != (privilege, object_id, role)]
        self._grants = kept
        self._store.execute(
            "DELETE FROM account.grants WHERE privilege = ? AND object_id = ? AND role = ?",
            [privilege, object_id, role],
        )

    def forget_object(self, object_id: str) -> None:
        """Remove the grants on a dropped object."""
        self._grants = [grant for grant in self._grants if grant.object_id != object_id]
        self._store.execute("DELETE FROM account.grants WHERE object_id = ?", [object_id])

    def join(self, role: str, member_kind: Kind, member: str, granted_by: str) -> None:
        """Grant a role to a role or user."""
        if any((m.role, m.member_kind, m.member) == (role, member_kind, member) for m in self._memberships):
            return
        membership = Membership(role, member_kind, member, granted_by, now())
        self._memberships.append(membership)
        values = [role, member_kind.value, member, granted_by, membership.created_on]
        self._store.execute("INSERT INTO account.memberships VALUES (?, ?, ?, ?, ?)", values)

    def leave(self, role: str, member_kind: Kind, member: str) -> None:
        """Revoke a role from a role or user."""
        self._memberships = [
            m for m in self._memberships if (m.role, m.member_kind, m.member) != (role, member_kind, member)
        ]
        self._store.execute(
            "DELETE FROM account.memberships WHERE role = ? AND member_kind = ? AND member = ?",
            [role, member_kind.value, member],
        )

    def forget_principal(self, kind: Kind, name: str) -> None:
        """Remove the memberships, members and grants of a dropped role or user."""

        def concerns(m: Membership) -> bool:
            return (m.member_kind, m.member) == (kind, name) or (kind is Kind.ROLE and m.role == name)

        for membership in [m for m in self._memberships if concerns(m)]:
            self.leave(membership.role, membership.member_kind, membership.member)
        if kind is Kind.ROLE:
            for grant in self.to_role(name):
                self.take(grant.privilege, grant.object_id, name)

    def members(self, role: str) -> list[Membership]:
        """The roles and users that the role is granted to."""
        return [m for m in self._memberships if m.role == role]

    def memberships(self, kind: Kind, member: str) -> list[Membership]:
        """The roles granted directly to a role or user."""
        return [m for m in self._memberships if (m.member_kind, m.member) == (kind, member)]

    def effective(self, role: str) -> frozenset[str]:
        """The role and all inherited roles; everyone has PUBLIC."""
        reached: set[str] = set()
        waiting = [role, "PUBLIC"]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting.extend(m.role for m in self.memberships(Kind.ROLE, current))
        return frozenset(reached)

    def roles_of_user(self, user: str) -> frozenset[str]:
        """Every role that a user may activate."""
        direct = [m.role for m in self.memberships(Kind.USER, user)]
        return frozenset({"PUBLIC"}).union(*(self.effective(role) for role in direct))
