"""Object names: one to three identifiers, with Snowflake's rules for case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")


class Kind(StrEnum):
    """The kinds of objects that can be created, granted on and dropped."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    ROLE = "ROLE"
    USER = "USER"
    WAREHOUSE = "WAREHOUSE"
    INTEGRATION = "INTEGRATION"
    FILE_FORMAT = "FILE FORMAT"
    STAGE = "STAGE"
    TABLE = "TABLE"
    PIPE = "PIPE"
    VIEW = "VIEW"
    DYNAMIC_TABLE = "DYNAMIC TABLE"
    NETWORK_POLICY = "NETWORK POLICY"
    AUTHENTICATION_POLICY = "AUTHENTICATION POLICY"
    STORAGE_LIFECYCLE_POLICY = "STORAGE LIFECYCLE POLICY"

    @property
    def depth(self) -> int:
        """The number of identifiers in a full name of this kind."""
        return 3 if self in _IN_SCHEMA else 2 if self is Kind.SCHEMA else 1

    @property
    def in_grants(self) -> str:
        """Its name in SHOW GRANTS."""
        return self.value.replace(" ", "_")


_IN_SCHEMA = (
    Kind.FILE_FORMAT,
    Kind.STAGE,
    Kind.TABLE,
    Kind.PIPE,
    Kind.VIEW,
    Kind.DYNAMIC_TABLE,
    Kind.AUTHENTICATION_POLICY,
    Kind.STORAGE_LIFECYCLE_POLICY,
)


@dataclass(frozen=True, order=True)
class Name:
    """A name as written or resolved; unquoted identifiers are already upper case.

    That of a temporary table has the number of the only session that sees it.
    """

    parts: tuple[str, ...]
    session: int = 0

    @property
    def last(self) -> str:
        """The object's own identifier."""
        return self.parts[-1]

    @property
    def parent(self) -> Name:
        """The container's name."""
        return Name(self.parts[:-1])

    def child(self, part: str) -> Name:
        """The name of an object inside this one."""
        return Name((*self.parts, part))

    def __str__(self) -> str:
        return ".".join(quote_if_needed(part) for part in self.parts)


def quote(identifier: str) -> str:
    """The identifier in double quotes, safe in any SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def quote_if_needed(identifier: str) -> str:
    """The identifier as Snowflake prints it: quoted only if necessary."""
    return identifier if _PLAIN.fullmatch(identifier) else quote(identifier)


def literal(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def like_matches(pattern: str, text: str) -> bool:
    """True if SHOW … LIKE finds `text`: % and _ as wildcards, case ignored, backslash escapes."""
    tokens = re.findall(r"\\.|.", pattern, re.DOTALL)
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(
        wildcards.get(t) or re.escape(t[1:] if t.startswith("\\") and len(t) > 1 else t) for t in tokens
    )
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None
