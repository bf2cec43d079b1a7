"""The physical id that CloudFormation stores for an object; a Delete uses nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql.identifiers import ObjectName

_OF_ACCOUNT = {"INTEGRATION"}


@dataclass(frozen=True)
class PhysicalId:
    """`<account>/<KIND>/"DB"."SCHEMA"."NAME"`: never a request id, never a hash of the content.

    For an object that belongs to the account, the name alone.
    """

    account: str
    kind: str
    name: ObjectName

    @classmethod
    def parse(cls, text: str) -> PhysicalId | None:
        """The identity in `text`, or None for a foreign id (a failed Create leaves one)."""
        account, _, rest = text.partition("/")
        kind, _, name = rest.partition("/")
        if not (account and kind and name):
            return None
        try:
            found = ObjectName.parse(name)
        except ValueError:
            return None
        of_account = len(found.parts) == 1
        return cls(account, kind, found) if of_account == (kind in _OF_ACCOUNT) else None

    def __str__(self) -> str:
        return f"{self.account}/{self.kind}/{self.name}"
