"""GRANT and REVOKE, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from laptop.snowflake.names import Kind, Name


@dataclass(frozen=True)
class Privileges:
    """GRANT or REVOKE privileges on one object; an empty tuple means ALL."""

    grant: bool
    privileges: tuple[str, ...]
    kind: Kind
    name: Name
    role: str
    grant_option: bool = False


@dataclass(frozen=True)
class PrivilegesInside:
    """GRANT or REVOKE privileges on all existing or all future objects of a kind in a schema or database."""

    grant: bool
    privileges: tuple[str, ...]
    which: Literal["ALL", "FUTURE"]
    kind: Kind
    container_kind: Literal[Kind.DATABASE, Kind.SCHEMA]
    container: Name
    role: str
    grant_option: bool = False


@dataclass(frozen=True)
class Ownership:
    """GRANT OWNERSHIP ON object TO ROLE."""

    kind: Kind
    name: Name
    role: str
    copy_grants: bool


@dataclass(frozen=True)
class Membership:
    """GRANT or REVOKE a role to or from a role or user."""

    grant: bool
    role: str
    member_kind: Literal[Kind.ROLE, Kind.USER]
    member: str
