"""GRANT and REVOKE."""

from __future__ import annotations

from typing import Literal

from laptop.snowflake import errors
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.sql.grant_statements import Membership, Ownership, Privileges, PrivilegesInside
from laptop.snowflake.sql.kinds import read_kind, read_plural
from laptop.snowflake.sql.reader import Reader

ACCOUNT_NAME = Name(("LOCAL",))


Which = Literal["ALL", "FUTURE"]


def read_grant(reader: Reader) -> Privileges | PrivilegesInside | Ownership | Membership:
    """GRANT privileges ON object TO ROLE, GRANT OWNERSHIP …, GRANT ROLE r TO ROLE or USER."""
    if reader.accept("ROLE"):
        return _read_membership(reader, grant=True)
    if reader.accept("OWNERSHIP"):
        return _read_ownership(reader)
    return _read_privileges(reader, grant=True)


def read_revoke(reader: Reader) -> Privileges | PrivilegesInside | Membership:
    """REVOKE, with the same forms."""
    if reader.accept("ROLE"):
        return _read_membership(reader, grant=False)
    return _read_privileges(reader, grant=False)


def read_grant_object(reader: Reader, verb: str) -> tuple[Kind, Name]:
    """The object of a grant: ACCOUNT, or a kind and a name."""
    if reader.accept("ACCOUNT"):
        return Kind.ACCOUNT, ACCOUNT_NAME
    for word in ("ALL", "FUTURE"):
        if reader.sees(word):
            raise errors.unsupported(f"{verb} … ON {word} objects")
    return read_kind(reader, f"{verb} ON"), reader.name()


def _read_membership(reader: Reader, *, grant: bool) -> Membership:
    role = reader.identifier()
    reader.expect("TO" if grant else "FROM")
    kind: Literal[Kind.ROLE, Kind.USER] = Kind.ROLE if reader.accept("ROLE") else Kind.USER
    if kind is Kind.USER:
        reader.expect("USER")
    return Membership(grant, role, kind, reader.identifier())


def _read_ownership(reader: Reader) -> Ownership:
    reader.expect("ON")
    kind, name = read_grant_object(reader, "GRANT")
    reader.expect("TO", "ROLE")
    role = reader.identifier()
    copy_grants = reader.accept("COPY", "CURRENT", "GRANTS")
    if not copy_grants:
        reader.accept("REVOKE", "CURRENT", "GRANTS")
    return Ownership(kind, name, role, copy_grants)


def _read_privileges(reader: Reader, *, grant: bool) -> Privileges | PrivilegesInside:
    privileges = [_read_privilege(reader)]
    while reader.accept(","):
        privileges.append(_read_privilege(reader))
    chosen = () if "ALL" in privileges or "ALL PRIVILEGES" in privileges else tuple(privileges)
    verb = "GRANT" if grant else "REVOKE"
    reader.expect("ON")
    which: Which | None = "ALL" if reader.accept("ALL") else "FUTURE" if reader.accept("FUTURE") else None
    if which:
        kind = read_plural(reader, f"{verb} ON {which}")
        reader.expect("IN")
        in_database = reader.accept("DATABASE")
        if not in_database:
            reader.expect("SCHEMA")
        container: tuple[Literal[Kind.DATABASE, Kind.SCHEMA], Name] = (
            Kind.DATABASE if in_database else Kind.SCHEMA,
            reader.name(),
        )
        return PrivilegesInside(grant, chosen, which, kind, *container, *_read_grantee(reader, grant=grant))
    kind, name = read_grant_object(reader, verb)
    return Privileges(grant, chosen, kind, name, *_read_grantee(reader, grant=grant))


def _read_grantee(reader: Reader, *, grant: bool) -> tuple[str, bool]:
    """The role, and True if it gets the grant option."""
    reader.expect("TO" if grant else "FROM")
    reader.accept("ROLE")
    role = reader.identifier()
    return role, grant and reader.accept("WITH", "GRANT", "OPTION")


def _read_privilege(reader: Reader) -> str:
    words = [reader.identifier()]
    while not (reader.sees(",") or reader.sees("ON") or reader.at_end()):
        words.append(reader.identifier())
    return " ".join(words)
