"""Statements about storage lifecycle policies, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from laptop.snowflake.names import Kind, Name


@dataclass(frozen=True)
class SetPolicyBody:
    """ALTER STORAGE LIFECYCLE POLICY … SET BODY."""

    name: Name
    body: str
    if_exists: bool = False
    kind: Kind = Kind.STORAGE_LIFECYCLE_POLICY


@dataclass(frozen=True)
class AttachPolicy:
    """ALTER TABLE or DYNAMIC TABLE … ADD STORAGE LIFECYCLE POLICY … ON columns."""

    kind: Literal[Kind.TABLE, Kind.DYNAMIC_TABLE]
    name: Name
    policy: Name
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DetachPolicy:
    """ALTER TABLE or DYNAMIC TABLE … DROP STORAGE LIFECYCLE POLICY."""

    kind: Literal[Kind.TABLE, Kind.DYNAMIC_TABLE]
    name: Name


PolicyStatement: TypeAlias = SetPolicyBody | AttachPolicy | DetachPolicy
