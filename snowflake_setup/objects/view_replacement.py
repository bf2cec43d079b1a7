"""Replacing a view or dynamic table, unless that would remove a policy or tag that was set on it.

CREATE OR REPLACE VIEW keeps grants (COPY GRANTS), but drops policies and tags: what was masked would be shown.

GET_DDL tells whether there are any, even to a role that may not see them: it then names them #UNKNOWN_POLICY and
#UNKNOWN_TAG (https://docs.snowflake.com/en/sql-reference/functions/get_ddl). The table functions POLICY_REFERENCES and
TAG_REFERENCES return no rows to such a role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snowflake_setup.objects.actions import Remark, Step
from snowflake_setup.objects.look import See
from snowflake_setup.session.errors import SetupError, SnowflakeError, UnsafeChangeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.dynamic_table import DynamicTableDefinition, ReplaceDynamicTable
from snowflake_setup.sql.identifiers import QUOTED, ObjectName
from snowflake_setup.sql.view import ReplaceView, ViewDefinition

_KINDS = "MASKING|ROW ACCESS|AGGREGATION|PROJECTION|JOIN|PRIVACY|STORAGE LIFECYCLE"
_NAME = rf"(?:{QUOTED}|[^\s,();\"])+"
# Strings and quoted names come first, so that nothing inside them is taken for a policy or tag.
_PROTECTION = re.compile(
    rf"'(?:[^'\\]|''|\\.)*'|{QUOTED}|\b(?P<policy>(?:{_KINDS}) POLICY {_NAME})|\b(?P<tag>TAG ?\([^)]*\))",
    re.IGNORECASE | re.DOTALL,
)
_UNASKED = Remark(
    "Refused if a policy or tag has been set on it, which it would remove. Check with --live",
    unknown=True,
)


@dataclass(frozen=True)
class ReplaceUnprotected(Step):
    """Replaces a view or dynamic table that has neither policies nor tags.

    Attributes:
        statement: the statement that replaces it.
        only_removes: whether it would only remove columns, as the rollback of an added field does. A view that cannot
            be replaced then stays as it is: it shows all that is wanted, and a rollback must not fail.
        own: the storage lifecycle policy that is detached before, and attached again afterwards.
    """

    statement: ReplaceView | ReplaceDynamicTable
    only_removes: bool = False
    own: ObjectName | None = None

    @property
    def _definition(self) -> Statement:
        """The statement that shows the policies and tags."""
        by = ViewDefinition if isinstance(self.statement, ReplaceView) else DynamicTableDefinition
        return by(self.statement.name)

    def carry_out(self, invocation: Invocation) -> None:
        try:
            _require_unprotected(invocation.session, self._definition, self.own)
            invocation.make(self.statement)
        except SetupError as error:
            if not self.only_removes:
                raise
            kept = self._kept(error)
            invocation.log.warning(kept.message, **kept.fields)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        try:
            _require_unprotected(invocation.session, self._definition, self.own)
        except SnowflakeError:
            return [_UNASKED, self.statement]
        except UnsafeChangeError as error:
            if not self.only_removes:
                raise
            return [self._kept(error)]
        return [self.statement]

    def _kept(self, error: SetupError) -> Remark:
        told = "view keeps columns that are no longer wanted: it cannot be replaced"
        return Remark(told, {"object": str(self.statement.name), "reason": str(error)})


def protections(definition: str) -> list[str]:
    """The policies and tags in the result of GET_DDL, as it writes them."""
    found = (match["policy"] or match["tag"] for match in _PROTECTION.finditer(definition))
    return list(dict.fromkeys(" ".join(each.split()) for each in found if each))


def _is(protection: str, policy: ObjectName) -> bool:
    """True if it is that policy, whose name GET_DDL may write with or without its schema and quotes."""
    kind, _, name = protection.rpartition(" ")
    return kind.upper() == "STORAGE LIFECYCLE POLICY" and name.split(".")[-1].strip('"') == policy.name.value


def _require_unprotected(session: Session, definition: Statement, own: ObjectName | None) -> None:
    (row,) = session.execute(definition)
    found = [each for each in protections(str(next(iter(row.values())))) if not (own and _is(each, own))]
    if found:
        kind = "view" if isinstance(definition, ViewDefinition) else "dynamic table"
        raise UnsafeChangeError(
            f"{kind} {definition.name} has {', '.join(found)}, and CREATE OR REPLACE {kind.upper()} would remove that. "
            f"Set it on the table, whose policies also protect the {kind}; or remove it from the {kind}, deploy, and "
            "set it again"
        )
