"""GRANT and REVOKE."""

from __future__ import annotations

from typing import Literal

from local.snowflake import errors
from local.snowflake.names import Kind, Name
from local.snowflake.sql.kinds import read_kind
from local.snowflake.sql.reader import Reader
from local.snowflake.sql.statements import Membership, Ownership, Privileges

ACCOUNT_NAME = Name(("LOCAL",))


def read_grant(reader: Reader) -> Privileges | Ownership | Membership:
    """GRANT privileges ON object TO ROLE, GRANT OWNERSHIP …, GRANT ROLE r TO ROLE or USER."""
    if reader.accept("ROLE"):
        return _read_membership(reader, grant=True)
    if reader.accept("OWNERSHIP"):
        return _read_ownership(reader)
    return _read_privileges(reader, grant=True)


def read_revoke(reader: Reader) -> Privileges | Membership:
    """REVOKE, the same way round."""
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


def _read_privileges(reader: Reader, *, grant: bool) -> Privileges:
    privileges = [_read_privilege(reader)]
    while reader.accept(","):
        privileges.append(_read_privilege(reader))
    reader.expect("ON")
    kind, name = read_grant_object(reader, "GRANT" if grant else "REVOKE")
    reader.expect("TO" if grant else "FROM")
    reader.accept("ROLE")
    role = reader.identifier()
    grant_option = grant and reader.accept("WITH", "GRANT", "OPTION")
    chosen = () if "ALL" in privileges or "ALL PRIVILEGES" in privileges else tuple(privileges)
    return Privileges(grant, chosen, kind, name, role, grant_option)


def _read_privilege(reader: Reader) -> str:
    words = [reader.identifier()]
    while not (reader.sees(",") or reader.sees("ON") or reader.at_end()):
        words.append(reader.identifier())
    return " ".join(words)
