"""The retention of a table's rows, by a storage lifecycle policy that belongs to the table alone.

An account that does not offer such policies refuses the deployment: rows that are to be deleted would be kept silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from snowflake_setup.objects.actions import Action, Remark, Step
from snowflake_setup.objects.look import See
from snowflake_setup.session.errors import DefinitionConflictError, NotOfferedError, SnowflakeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Session, described
from snowflake_setup.sql import retention as sql
from snowflake_setup.sql.base import Drop, Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.retention import Expiry, policy_of

# Snowpipe's load history, and its memory of the files it has loaded: younger rows are the evidence of later loads.
_SHORTEST, _LONGEST = 15, 3650


def keep_days(text: str) -> int:
    """The number of days for which rows are kept, as a template has it.

    Raises:
        ValueError: it is none, or so small that files could be loaded twice.
    """
    if not text.isdecimal() or not _SHORTEST <= int(text) <= _LONGEST:
        raise ValueError(f"must be {_SHORTEST} to {_LONGEST} days, got {text!r}")
    return int(text)


def expiring(session: Session, table: ObjectName) -> str | None:
    """The condition of the table's own policy; None if there is none."""
    policy = policy_of(table)
    try:
        rows = described(session, sql.DescribePolicy(policy)) if policy else None
    except NotOfferedError:
        return None
    return _words(str(rows[0]["body"])) if rows else None


@dataclass(frozen=True)
class SetRetention(Step):
    """Makes the table's policy as wanted and attaches it, or detaches and drops it.

    Attributes:
        table: the table or dynamic table.
        dynamic: whether it is a dynamic table.
        wanted: what is to expire; None for nothing.
        there: the condition of its policy, as it was found; None if it had no policy.
        comment: shown in Snowflake with the policy.
        new: whether the table has just been made or replaced, so that no policy is attached.
    """

    table: ObjectName
    dynamic: bool
    wanted: Expiry | None
    there: str | None
    comment: str = ""
    new: bool = False

    def carry_out(self, invocation: Invocation) -> None:
        session = invocation.session
        for statement in self._statements(expiring(session, self.table), self._attached(session)):
            if isinstance(statement, Drop):
                invocation.drop(statement)
            else:
                invocation.make(statement)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        session = invocation.session
        try:
            return [*self._statements(expiring(session, self.table), self._attached(session))]
        except SnowflakeError:
            return [*self._statements(self.there, self.there is not None and not self.new)]

    def _statements(self, there: str | None, attached: bool) -> list[Statement]:
        policy = policy_of(self.table)
        if policy is None:
            raise DefinitionConflictError(f"the name of {self.table} is too long for that of its policy")
        if self.wanted is None:
            detach = sql.DetachFromDynamicTable if self.dynamic else sql.DetachPolicy
            return [*([detach(self.table)] if attached else []), sql.DropPolicy(policy)]
        statements: list[Statement] = []
        if there is None:
            statements.append(sql.CreatePolicy(policy, self.wanted, self.comment))
        elif there != self.wanted.sql():
            statements.append(sql.SetPolicyBody(policy, self.wanted))
        if not attached:
            attach = sql.AttachToDynamicTable if self.dynamic else sql.AttachPolicy
            statements.append(attach(self.table, policy, self.wanted.column))
        return statements

    def _attached(self, session: Session) -> bool:
        """True if its own policy is attached.

        Raises:
            DefinitionConflictError: another one is, and a table can have one.
        """
        if self.new:
            return False
        for row in session.execute(sql.AttachedPolicies(self.table)):
            name = ObjectName.of(str(row["policy_db"]), str(row["policy_schema"]), str(row["policy_name"]))
            if name == policy_of(self.table):
                return True
            if self.wanted:
                kind = "DYNAMIC TABLE" if self.dynamic else "TABLE"
                raise DefinitionConflictError(
                    f"{kind.lower()} {self.table} has storage lifecycle policy {name}, and Snowflake allows one. Run "
                    f"ALTER {kind} {self.table} DROP STORAGE LIFECYCLE POLICY and deploy again, or remove keep_days"
                )
        return False


class Detach(SetRetention):
    """Detaches the policy of a dynamic table that is replaced next; it is attached again afterwards."""

    def _statements(self, there: str | None, attached: bool) -> list[Statement]:
        return [sql.DetachFromDynamicTable(self.table)] if attached else []


def set_retention(
    table: ObjectName,
    wanted: Expiry | None,
    there: str | None,
    comment: str = "",
    *,
    dynamic: bool = False,
    new: bool = False,
) -> Sequence[Action]:
    """The actions that bring a table's policy to the wanted state; see `SetRetention`."""
    return [SetRetention(table, dynamic, wanted, there, comment, new)] if wanted or there else []


def _words(text: str) -> str:
    return " ".join(text.split())
