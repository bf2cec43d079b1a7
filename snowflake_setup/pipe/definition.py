"""The definition of a pipe: its COPY statement and the location it reads.

A fingerprint of both is stored in the pipe's comment, after the user's own comment, so that the next deployment or a
drift check can see whether the pipe in Snowflake matches the template.

While a replacement is under way, the comment also says so: since when files may be missing, and which grants to
restore. So the next request (a rollback, a redelivery, the next deployment) completes it, even if this function died.

If the pipe has got another table, the comment names the former ones for a week: the files of that time are in them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from snowflake_setup.pipe.state import state_of
from snowflake_setup.session.session import Session, described
from snowflake_setup.sql.comment_marks import FINGERPRINT, digest, found_mark, marked
from snowflake_setup.sql.copy_into import CopyInto, PipeEnds
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import DescribePipe, GrantOnPipe
from snowflake_setup.sql.timestamps import timestamp

_UNDER_WAY, _FORMER = "replacing", "former"


@dataclass(frozen=True)
class FormerTable:
    """A table that a pipe, or the one it has replaced, loaded into until then."""

    ends: PipeEnds
    until: datetime


@dataclass(frozen=True)
class PipeSpec:
    """The pipe that loads each new file."""

    name: ObjectName
    copy: CopyInto
    stage_url: str
    comment: str
    day_folder: str = ""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when the pipe has to be replaced."""
        return digest(self.copy.sql(), self.stage_url)

    def marked_comment(self, former: Sequence[FormerTable] = ()) -> str:
        """The comment the pipe carries; `former` are the tables of the last week."""
        return marked(self._with(former), FINGERPRINT, self.fingerprint)

    def comment_under_way(
        self, since: datetime, grants: Sequence[GrantOnPipe], former: Sequence[FormerTable] = ()
    ) -> str:
        """The comment it carries until its replacement is complete.

        Args:
            since: all files of its location that landed before are in the table.
            grants: those to restore.
            former: the tables of the last week.
        """
        owed = [[grant.privilege, grant.role.value, grant.with_grant_option] for grant in grants]
        value = json.dumps([since.isoformat(), self.stage_url, *owed])
        return marked(marked(self._with(former), _UNDER_WAY, value), FINGERPRINT, self.fingerprint)

    def _with(self, former: Sequence[FormerTable]) -> str:
        value = [
            [one.until.isoformat(), one.ends.table.sql(), *map(_plain, (one.ends.file, one.ends.loaded_at))]
            for one in former
        ]
        return marked(self.comment, _FORMER, json.dumps(value) if value else None)


@dataclass(frozen=True)
class ShownPipe:
    """A pipe as DESC PIPE and SYSTEM$PIPE_STATUS show it; `created` is None for one that is only planned."""

    definition: str
    comment: str
    channel: str
    created: datetime | None
    paused: bool

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownPipe | None:
        """The pipe of that name, or None if there is none."""
        rows = described(session, DescribePipe(name))
        if not rows:
            return None
        return cls(
            definition=" ".join(str(rows[0].get("definition")).split()),
            comment=str(rows[0].get("comment") or ""),
            channel=str(rows[0].get("notification_channel") or ""),
            created=timestamp(rows[0]["created_on"]),
            paused=state_of(session, name).paused,
        )

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint in its comment, if it has one."""
        return found_mark(self.comment, FINGERPRINT)

    @property
    def is_under_way(self) -> bool:
        """True if it was created by a replacement that is not complete."""
        return found_mark(self.comment, _UNDER_WAY) is not None

    @property
    def ends(self) -> PipeEnds | None:
        """Its stage and table; None for a definition of another form."""
        return PipeEnds.found(self.definition)

    def former(self, stage: ObjectName) -> list[FormerTable]:
        """The former tables that its comment names, with a stage of the same location."""
        return [
            FormerTable(
                PipeEnds(ObjectName.parse(table), stage, *(name and Identifier(name) for name in columns)),
                timestamp(until),
            )
            for until, table, *columns in json.loads(found_mark(self.comment, _FORMER) or "[]")
        ]

    def owed_since(self, spec: PipeSpec) -> datetime | None:
        """The landing of the oldest file that an interrupted replacement may owe, if it was for the same location."""
        match [text for text in self._owed if isinstance(text, str)]:
            case [since, spec.stage_url]:
                return timestamp(since)
        return None

    def owed_grants(self, pipe: ObjectName) -> list[GrantOnPipe]:
        """The grants that an interrupted replacement still has to restore, on `pipe`."""
        return [
            GrantOnPipe(pipe, privilege, Identifier(role), option)
            for privilege, role, option in (grant for grant in self._owed if isinstance(grant, list))
        ]

    @property
    def _owed(self) -> list[str | list[Any]]:
        owed: list[str | list[Any]] = json.loads(found_mark(self.comment, _UNDER_WAY) or "[]")
        return owed

    def does(self, spec: PipeSpec) -> bool:
        """True if its definition matches `spec`."""
        if self.fingerprint is not None:
            return self.fingerprint == spec.fingerprint
        return self.definition == spec.copy.sql()


def _plain(name: Identifier | None) -> str | None:
    return name.value if name else None
