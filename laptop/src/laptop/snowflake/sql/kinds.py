"""The words that name a kind of object."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.names import Kind
from laptop.snowflake.sql.reader import Reader

_WORDS: dict[tuple[str, ...], Kind] = {
    ("STORAGE", "INTEGRATION"): Kind.INTEGRATION,
    ("INTEGRATION",): Kind.INTEGRATION,
    ("FILE", "FORMAT"): Kind.FILE_FORMAT,
    ("DATABASE",): Kind.DATABASE,
    ("SCHEMA",): Kind.SCHEMA,
    ("ROLE",): Kind.ROLE,
    ("USER",): Kind.USER,
    ("WAREHOUSE",): Kind.WAREHOUSE,
    ("STAGE",): Kind.STAGE,
    ("TABLE",): Kind.TABLE,
    ("PIPE",): Kind.PIPE,
    ("VIEW",): Kind.VIEW,
    ("DYNAMIC", "TABLE"): Kind.DYNAMIC_TABLE,
    ("NETWORK", "POLICY"): Kind.NETWORK_POLICY,
    ("AUTHENTICATION", "POLICY"): Kind.AUTHENTICATION_POLICY,
    ("STORAGE", "LIFECYCLE", "POLICY"): Kind.STORAGE_LIFECYCLE_POLICY,
}


def read_kind(reader: Reader, verb: str) -> Kind:
    """Read a kind of object.

    Raises:
        SnowflakeError: The stand-in has no such kind.
    """
    for words, kind in _WORDS.items():
        if reader.accept(*words):
            return kind
    raise errors.unsupported(f"{verb} {reader.peek().value.upper()}")


def read_plural(reader: Reader, verb: str) -> Kind:
    """Read a kind of object in the plural, as in SHOW PIPES."""
    for words, kind in _WORDS.items():
        last = "POLICIES" if words[-1] == "POLICY" else words[-1] + "S"
        if reader.accept(*words[:-1], last):
            return kind
    raise errors.unsupported(f"{verb} {reader.peek().value.upper()}")
