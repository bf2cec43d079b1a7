"""The grants on a pipe, which Snowflake deletes with it, given again to its successor.

Not every grant can be given again: in a schema with managed access only the schema's owner may grant, and a grant to a
database role or a share needs its own statement
(https://docs.snowflake.com/en/sql-reference/sql/grant-privilege). Such a grant is reported, and does not stop a
replacement. FUTURE grants are on the new pipe already.
"""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.objects.actions import Remark
from snowflake_setup.pipe.definition import ShownPipe
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import GrantOnPipe, ShowPipeGrants


@dataclass(frozen=True)
class Grants:
    """Grants to restore on the new pipe.

    Attributes:
        wanted: those to roles.
        others: descriptions of those that no statement here restores.
    """

    wanted: tuple[GrantOnPipe, ...] = ()
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, session: Session, old: ObjectName, new: ObjectName, there: ShownPipe | None) -> Grants:
        """Grants on the old pipe, and those that an interrupted replacement still has to restore."""
        if there is None:
            return cls()
        rows = _rows(session, old)
        shown = [_grant(row, new) for row in rows if row["granted_to"] == "ROLE"]
        others = tuple(
            f"{row['privilege']} TO {row['granted_to']} {row['grantee_name']}"
            for row in rows
            if row["granted_to"] != "ROLE"
        )
        return cls(tuple(dict.fromkeys([*shown, *there.owed_grants(new)])), others)

    def preview(self) -> list[Statement | Remark]:
        """The statements of `restore`, as far as the new pipe has no grants by itself."""
        told = "is not restored on the new pipe; grant it again after the deployment"
        return [*self.wanted, *(Remark(f"{other} {told}") for other in self.others)]

    def restore(self, invocation: Invocation) -> None:
        """Grant what the new pipe lacks; report what is refused."""
        refused = self._refused(invocation.session)
        if refused:  # no later request tries again, and the reason may have passed
            refused = self._refused(invocation.session)
        if missing := [*self.others, *refused]:
            told = "grants on the old pipe that its successor lacks; grant them again"
            invocation.log.warning(told, grants=missing)

    def _refused(self, session: Session) -> list[str]:
        """Grant what is lacking; return what is refused, with the reason."""
        refused = []
        for grant in self._lacking(session):
            try:
                session.execute(grant)
            except SnowflakeError as error:
                refused.append(f"{grant.privilege} TO ROLE {grant.role.value} ({error})")
        return refused

    def _lacking(self, session: Session) -> list[GrantOnPipe]:
        if not self.wanted:
            return []
        name = self.wanted[0].name
        try:
            there = {_grant(row, name) for row in _rows(session, name) if row["granted_to"] == "ROLE"}
        except SnowflakeError:
            there = set()
        return [grant for grant in self.wanted if grant not in there]


def _rows(session: Session, pipe: ObjectName) -> list[Row]:
    return [row for row in session.execute(ShowPipeGrants(pipe)) if row["privilege"] != "OWNERSHIP"]


def _grant(row: Row, pipe: ObjectName) -> GrantOnPipe:
    option = str(row.get("grant_option", "")).lower() == "true"
    return GrantOnPipe(pipe, str(row["privilege"]), Identifier(str(row["grantee_name"])), option)
