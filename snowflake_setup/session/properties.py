"""ResourceProperties, in which CloudFormation turns every scalar into a string, read into typed values.

An unknown key is an error that names it: otherwise a misspelt property would silently have no effect.
Optional keys must stay optional, since CloudFormation replays the properties of past deployments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from clickstream_wire.resources import OWNER_ROLE
from snowflake_setup.session.errors import PropertyError
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal

T = TypeVar("T")

# Added by CloudFormation, CDK and the constructs, whatever the kind of object.
_FRAMEWORK = frozenset({"ServiceToken", "ServiceTimeout", OWNER_ROLE})
_S3_URL = re.compile(r"s3(?:gov|china)?://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(?:[^?#]*/)?")


class Properties:
    """A mapping that is read key by key and then checked for keys that were not read."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, Mapping):
            raise PropertyError(f"{where} must be a mapping, got {type(values).__name__}")
        self._values = values
        self._where = where
        self.read: set[str] = set()

    def finish(self) -> None:
        """Refuse keys that were not read."""
        if unknown := sorted(set(self._values) - self.read - _FRAMEWORK):
            raise PropertyError(
                f"{self._where}: unknown {'property' if len(unknown) == 1 else 'properties'} {', '.join(unknown)}; "
                f"known: {', '.join(sorted(self.read))}"
            )

    def text(self, key: str, default: str | None = None) -> str:
        """A string that Snowflake can store."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "text", value)
        return self._checked(key, value, _storable)

    def flag(self, key: str, *, default: bool) -> bool:
        """`true` or `false`, in upper or lower case."""
        value = self._take(key, "true" if default else "false")
        match str(value).lower():
            case "true":
                return True
            case "false":
                return False
        raise self._wrong(key, "true or false", value)

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of `allowed`, in that spelling."""
        value = self.text(key, default)
        if value not in allowed:
            raise self._wrong(key, f"one of {', '.join(sorted(allowed))}", value)
        return value

    def matching(self, key: str, pattern: re.Pattern[str], form: str, default: str | None = None) -> str:
        """Text that matches `pattern`."""
        value = self.text(key, default)
        if not pattern.fullmatch(value):
            raise self._wrong(key, form, value)
        return value

    def s3_url(self, key: str) -> str:
        """A location that ends in a slash: without it `events` would also match `events_archive/`."""
        return self.matching(key, _S3_URL, "s3://bucket/prefix/ with the slash at its end")

    def s3_urls(self, key: str) -> tuple[str, ...]:
        """A list of such locations."""
        return self.listed(key, _s3_url)

    def identifier(self, key: str) -> Identifier:
        """One part of a name."""
        return self._checked(key, self.text(key), Identifier)

    def object_name(self) -> ObjectName:
        """The name given by Database, Schema and Name."""
        return ObjectName((self.identifier("Database"), self.identifier("Schema"), self.identifier("Name")))

    def account_object_name(self, key: str = "Name") -> ObjectName:
        """The name of an object that belongs to the account."""
        return ObjectName((self.identifier(key),))

    def reference(self, key: str) -> ObjectName:
        """The name of another object."""
        inner = Properties(self._take(key, None), f"{self._where}.{key}")
        name = inner.object_name()
        inner.finish()
        return name

    def optional_reference(self, key: str) -> ObjectName | None:
        """The name of another object, if it is given."""
        self.read.add(key)
        return self.reference(key) if key in self._values else None

    def each(self, key: str, read: Callable[[Properties], T], *, at_least: int = 0) -> tuple[T, ...]:
        """A list of mappings, each read by `read`."""
        values = self._sequence(key, at_least)
        found = []
        for at, value in enumerate(values):
            inner = Properties(value, f"{self._where}.{key}[{at}]")
            found.append(read(inner))
            inner.finish()
        return tuple(found)

    def listed(self, key: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """A list of one or more texts that `parse` accepts."""
        values = self._sequence(key, 1)
        for value in values:
            if not isinstance(value, str):
                raise self._wrong(key, "a list of texts", value)
        return tuple(self._checked(key, value, parse) for value in values)

    def parsed(self, key: str, parse: Callable[[str], T]) -> T:
        """Text that `parse` accepts."""
        return self._checked(key, self.text(key), parse)

    def _sequence(self, key: str, at_least: int) -> Sequence[Any]:
        values = self._take(key, None if at_least else ())
        if isinstance(values, str) or not isinstance(values, Sequence) or len(values) < at_least:
            raise self._wrong(key, f"a list of at least {at_least}", values)
        return values

    def _take(self, key: str, default: object) -> object:
        self.read.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise PropertyError(f"{self._where}: {key} is missing")
        return value

    def _checked(self, key: str, value: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(value)
        except ValueError as error:
            raise PropertyError(f"{self._where}.{key}: {error}") from None

    def _wrong(self, key: str, wanted: str, value: object) -> PropertyError:
        return PropertyError(f"{self._where}.{key} must be {wanted}, got {value!r}")


def _s3_url(text: str) -> str:
    if not _S3_URL.fullmatch(text):
        raise ValueError(f"each must be s3://bucket/prefix/ with the slash at its end, got {text!r}")
    return _storable(text)


def _storable(text: str) -> str:
    literal(text)
    return text
