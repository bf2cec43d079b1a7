"""What makes a pipe the same pipe: its COPY statement and the place it reads.

The fingerprint of both stands in the pipe's comment, after the comment a person wrote, so that anyone (the next
deployment, a drift check) can tell whether the pipe in Snowflake is the one the template describes.

A replacement writes one thing more there until it is through: that it is under way, with the grants to give back.
Whoever finds it (the rollback, the same request delivered again) knows that grants and files are still missing, even
if this function died in between.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from snowflake_setup.objects.specs import PipeSpec
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.tools import Data, Row, Tools
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import CopyInto, GrantOnPipe

_FINGERPRINT = re.compile(r"\[def:([0-9a-f]{16})\]\s*$")
_UNDER_WAY = re.compile(r"\[replacing:(\[.*\])\] \[def:[0-9a-f]{16}\]\s*$")
_QUOTED = r'"(?:[^"]|"")+"'
_FULL_NAME = rf"{_QUOTED}\.{_QUOTED}\.{_QUOTED}"
_FILE, _LOADED_AT = "METADATA$FILENAME", "METADATA$START_SCAN_TIME"
_METADATA = re.compile(rf"({_QUOTED}) = (METADATA\$[A-Z_]+)")
_COPY = re.compile(rf"COPY INTO ({_FULL_NAME}) FROM @({_FULL_NAME}) ")


def fingerprint(spec: PipeSpec) -> str:
    """16 hexadecimal digits that change when the pipe has to be replaced."""
    return hashlib.sha256(f"{spec.copy.sql()}\n{spec.stage_url}".encode()).hexdigest()[:16]


def comment(spec: PipeSpec) -> str:
    """The comment the pipe carries."""
    return f"{spec.comment} [def:{fingerprint(spec)}]".lstrip()


def comment_under_way(spec: PipeSpec, grants: Sequence[GrantOnPipe]) -> str:
    """The comment it carries until its replacement is through."""
    owed = json.dumps([[grant.privilege, grant.role.value, grant.with_grant_option] for grant in grants])
    return f"{spec.comment} [replacing:{owed}] [def:{fingerprint(spec)}]".lstrip()


def is_under_way(row: Row) -> bool:
    """Whether the pipe of a DESC PIPE row is new, and its replacement was not carried through."""
    return _UNDER_WAY.search(str(row.get("comment") or "")) is not None


def owed_grants(row: Row, pipe: ObjectName) -> list[GrantOnPipe]:
    """The grants that an interrupted replacement had still to give, on `pipe`."""
    match = _UNDER_WAY.search(str(row.get("comment") or ""))
    owed = json.loads(match[1]) if match else []
    return [GrantOnPipe(pipe, privilege, Identifier(role), option) for privilege, role, option in owed]


def found_fingerprint(row: Row) -> str | None:
    """The fingerprint in a DESC PIPE row, if somebody left it there."""
    match = _FINGERPRINT.search(str(row.get("comment") or ""))
    return match[1] if match else None


def is_same(row: Row, spec: PipeSpec) -> bool:
    """Whether the pipe of a DESC PIPE row does what `spec` asks."""
    found = found_fingerprint(row)
    if found is not None:
        return found == fingerprint(spec)
    return " ".join(str(row.get("definition")).split()) == spec.copy.sql()


@dataclass(frozen=True)
class PipeEnds:
    """Where a pipe loads from and to, and the columns of the table that say so of each row."""

    table: ObjectName
    stage: ObjectName
    file: Identifier | None
    loaded_at: Identifier | None

    @classmethod
    def of(cls, copy: CopyInto) -> Self:
        """Those of a pipe as a template describes it."""
        columns = {entry.source: entry.column for entry in copy.metadata}
        return cls(copy.table, copy.stage, columns.get(_FILE), columns.get(_LOADED_AT))

    @classmethod
    def found(cls, row: Row) -> Self | None:
        """Those of the pipe of a DESC PIPE row; None for a definition that is not ours."""
        text = " ".join(str(row.get("definition")).split())
        match = _COPY.search(text)
        if match is None:
            return None
        columns = {source: _identifier(column) for column, source in _METADATA.findall(text)}
        return cls(
            ObjectName.parse(match[1]),
            ObjectName.parse(match[2]),
            columns.get(_FILE),
            columns.get(_LOADED_AT),
        )


def _identifier(quoted: str) -> Identifier:
    return Identifier(quoted[1:-1].replace('""', '"'))


def attributes(tools: Tools, spec: PipeSpec) -> Data:
    """What others need of the pipe, after making sure that it is the wanted one."""
    rows = tools.describe(Noun.PIPE, spec.name)
    if not rows or not is_same(rows[0], spec):
        raise DefinitionConflictError(
            f"pipe {spec.name} was changed by somebody else while it was being deployed"
        )
    channel = rows[0].get("notification_channel")
    if not channel:
        raise DefinitionConflictError(
            f"pipe {spec.name} has no notification channel, so no bucket can tell it of new files; "
            "it was made without AUTO_INGEST = TRUE. Drop it and deploy again"
        )
    return {"FullName": str(spec.name), "NotificationChannel": str(channel)}
