"""Names and literals as Snowflake reads them: always quoted, so that no name can become SQL.

https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 255
QUOTED = r'"(?:[^"]|"")+"'
_FULL_NAME = re.compile(rf"{QUOTED}(?:\.{QUOTED}\.{QUOTED})?")


@dataclass(frozen=True)
class Identifier:
    """One part of a name, exactly as it is stored in Snowflake (case included)."""

    value: str

    def __post_init__(self) -> None:
        """Refuse characters that Snowflake cannot store or that are invisible in a log."""
        if not 1 <= len(self.value) <= LONGEST:
            raise ValueError(f"a name has 1 to {LONGEST} characters, got {len(self.value)}")
        if any(not character.isprintable() for character in self.value):
            raise ValueError(f"a name has printable characters only, got {self.value!r}")

    @classmethod
    def parse(cls, quoted: str) -> Identifier:
        """The identifier that `sql()` rendered as `quoted`."""
        return cls(quoted[1:-1].replace('""', '"'))

    def sql(self) -> str:
        """The identifier in double quotes."""
        return '"' + self.value.replace('"', '""') + '"'


@dataclass(frozen=True)
class SchemaName:
    """A schema with its database."""

    database: Identifier
    schema: Identifier

    def sql(self) -> str:
        """`"DB"."SCHEMA"`."""
        return f"{self.database.sql()}.{self.schema.sql()}"


@dataclass(frozen=True)
class ObjectName:
    """An object with its schema and database; an integration belongs to the account and has only a name."""

    parts: tuple[Identifier, ...]

    def __post_init__(self) -> None:
        """Refuse a name with another number of parts."""
        if len(self.parts) not in (1, 3):
            raise ValueError(f"a full name has one part or three, got {len(self.parts)}")

    @classmethod
    def of(cls, *names: str) -> ObjectName:
        """The object of these plain names: database, schema and name, or the name alone."""
        return cls(tuple(Identifier(name) for name in names))

    @classmethod
    def parse(cls, text: str) -> ObjectName:
        """The object that `sql()` rendered as `text`."""
        if not _FULL_NAME.fullmatch(text):
            raise ValueError(f'a full name reads "DATABASE"."SCHEMA"."NAME" or "NAME", got {text!r}')
        return cls(tuple(Identifier.parse(part) for part in re.findall(QUOTED, text)))

    @property
    def name(self) -> Identifier:
        """The object's own name."""
        return self.parts[-1]

    @property
    def parent(self) -> SchemaName:
        """The schema it lives in."""
        database, schema, _ = self.parts
        return SchemaName(database, schema)

    def sql(self) -> str:
        """`"DB"."SCHEMA"."NAME"`."""
        return ".".join(part.sql() for part in self.parts)

    def __str__(self) -> str:
        return self.sql()


def literal(text: str) -> str:
    """`text` as a string constant; a backslash escapes in Snowflake, so it is doubled like the quote."""
    if "\0" in text:
        raise ValueError("Snowflake accepts no NUL character in a string")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"not valid Unicode: {text!r}") from None
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def boolean(value: bool) -> str:
    """TRUE or FALSE."""
    return "TRUE" if value else "FALSE"
