"""ALTER VIEW for policies and tags, ALTER USER and ACCOUNT for authentication policies.

https://docs.snowflake.com/en/sql-reference/sql/alter-view, https://docs.snowflake.com/en/sql-reference/sql/alter-user
"""

from __future__ import annotations

from laptop.snowflake.names import Name
from laptop.snowflake.objects import Protection
from laptop.snowflake.sql.reader import Reader
from laptop.snowflake.sql.statements import ProtectView, SetAuthenticationPolicy


def read_protection(reader: Reader, view: Name) -> ProtectView | None:
    """Read the policy or tag that is set or unset; None if the statement does something else."""
    if reader.sees("SET", "TAG") or reader.sees("UNSET", "TAG"):
        on = reader.take().keyword == "SET"
        reader.expect("TAG")
        name = str(reader.name())
        if on:
            reader.expect("=")
            reader.string()
        return ProtectView(view, Protection(kind="TAG", name=name), on)
    if reader.sees("ADD", "ROW") or reader.sees("DROP", "ROW"):
        on = reader.take().keyword == "ADD"
        reader.expect("ROW", "ACCESS", "POLICY")
        name = str(reader.name())
        if on:
            reader.expect("ON")
            reader.value()
        return ProtectView(view, Protection(kind="ROW ACCESS POLICY", name=name), on)
    if reader.accept("MODIFY") or reader.accept("ALTER"):
        reader.accept("COLUMN")
        column = reader.identifier()
        on = not reader.accept("UNSET")
        if on:
            reader.expect("SET")
        reader.expect("MASKING", "POLICY")
        name = str(reader.name()) if on else ""
        return ProtectView(view, Protection(kind="MASKING POLICY", name=name, column=column), on)
    return None


def read_authentication_policy(reader: Reader, user: Name | None) -> SetAuthenticationPolicy | None:
    """Read the policy that is set or unset, without a user the account's; None if the statement does something else."""
    if reader.accept("SET", "AUTHENTICATION", "POLICY"):
        return SetAuthenticationPolicy(user, reader.name())
    if reader.accept("UNSET", "AUTHENTICATION", "POLICY"):
        return SetAuthenticationPolicy(user, None)
    return None
