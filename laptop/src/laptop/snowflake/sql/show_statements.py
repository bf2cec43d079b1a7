"""Statements that look at objects: SHOW and DESC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from laptop.snowflake.names import Kind, Name


@dataclass(frozen=True)
class ShowAuthenticationPolicies:
    """SHOW AUTHENTICATION POLICIES ON ACCOUNT or USER; without a user the account's."""

    user: Name | None


@dataclass(frozen=True)
class ShowParameters:
    """SHOW PARAMETERS [LIKE pattern] [IN or FOR SESSION, ACCOUNT or USER]."""

    like: str | None
    scope: Literal["ACCOUNT", "SESSION", "USER"]
    user: Name | None = None


@dataclass(frozen=True)
class Describe:
    """DESC kind name."""

    kind: Kind
    name: Name


@dataclass(frozen=True)
class Show:
    """SHOW kinds [LIKE pattern] [IN container]."""

    kind: Kind
    like: str | None = None
    scope: Literal["ACCOUNT", "DATABASE", "SCHEMA"] | None = None
    container: Name | None = None


@dataclass(frozen=True)
class ShowColumns:
    """SHOW COLUMNS IN TABLE."""

    name: Name
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class ShowKeys:
    """SHOW PRIMARY, UNIQUE or IMPORTED KEYS IN TABLE or SCHEMA."""

    kind: Literal[Kind.TABLE, Kind.SCHEMA]
    name: Name


@dataclass(frozen=True)
class ShowGrants:
    """SHOW GRANTS ON object, TO ROLE or USER, OF ROLE."""

    direction: Literal["ON", "TO", "OF"]
    kind: Kind
    name: Name


@dataclass(frozen=True)
class ShowFutureGrants:
    """SHOW FUTURE GRANTS IN DATABASE or SCHEMA."""

    kind: Literal[Kind.DATABASE, Kind.SCHEMA]
    name: Name
