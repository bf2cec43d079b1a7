"""Statements about storage lifecycle policies, which delete rows of a certain age once a day.

https://docs.snowflake.com/en/user-guide/storage-management/storage-lifecycle-policies-create-manage
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from clickstream_wire.resources import RETENTION
from snowflake_setup.sql import event_date
from snowflake_setup.sql.base import Describe, Drop, Risk, Statement
from snowflake_setup.sql.identifiers import LONGEST, Identifier, ObjectName, literal


def policy_of(table: ObjectName) -> ObjectName | None:
    """The policy of a table or dynamic table, which is attached to nothing else; None if its name would be too long."""
    *parent, name = (part.value for part in table.parts)
    return ObjectName.of(*parent, f"{name}{RETENTION}") if len(f"{name}{RETENTION}") <= LONGEST else None


@dataclass(frozen=True)
class Expiry:
    """The rows that expire.

    The condition compares dates, as Snowflake advises, so that it does not depend on the time of the run.

    Attributes:
        column: the column that says how old a row is.
        type: its type.
        days: the number of days for which rows are kept.
    """

    column: Identifier
    type: str
    days: int

    @classmethod
    def of_loads(cls, loaded_at: Identifier, days: int) -> Expiry:
        """The rows of a table, by the time at which they were loaded: the clock of a sender may be wrong."""
        return cls(loaded_at, "TIMESTAMP_LTZ", days)

    @classmethod
    def of_events(cls, days: int) -> Expiry:
        """The rows of a dynamic table with each event once.

        Its policy may only use columns by which its windows are partitioned, and what it selects must only grow with
        time, as for IMMUTABLE WHERE (https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table). An event's
        date may be a day after it was loaded, so a row expires here a day sooner: refreshes leave expired rows alone,
        and never have to search for those that the table loses.
        """
        return cls(event_date.COLUMN, "DATE", days - 1)

    def sql(self) -> str:
        """The condition."""
        column = self.column.sql()
        day = column if self.type == "DATE" else f"TO_DATE(CONVERT_TIMEZONE('UTC', {column}))"
        return f"{day} < DATEADD(DAY, -{self.days}, CURRENT_DATE())"


class DescribePolicy(Describe):
    """A policy with its condition; needs no warehouse.

    https://docs.snowflake.com/en/sql-reference/sql/desc-storage-lifecycle-policy
    """

    kind = "DESC STORAGE LIFECYCLE POLICY"


class DropPolicy(Drop):
    """Drop a policy, which must not be attached.

    https://docs.snowflake.com/en/sql-reference/sql/drop-storage-lifecycle-policy
    """

    kind = "DROP STORAGE LIFECYCLE POLICY"


@dataclass(frozen=True)
class CreatePolicy(Statement):
    """A policy that deletes rows without archiving them, if there is none.

    https://docs.snowflake.com/en/sql-reference/sql/create-storage-lifecycle-policy
    """

    kind = "CREATE STORAGE LIFECYCLE POLICY"
    undo = DropPolicy

    expiry: Expiry
    comment: str

    def sql(self) -> str:
        expiry = self.expiry
        return (
            f"CREATE STORAGE LIFECYCLE POLICY IF NOT EXISTS {self.name.sql()} AS ({expiry.column.sql()} {expiry.type}) "
            f"RETURNS BOOLEAN -> {expiry.sql()} COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class SetPolicyBody(Statement):
    """Another number of days. https://docs.snowflake.com/en/sql-reference/sql/alter-storage-lifecycle-policy."""

    kind = "ALTER STORAGE LIFECYCLE POLICY"
    risk = Risk(
        "destructive",
        "fewer days: the next daily run deletes more rows, for good. More days: a dynamic table reads all rows of its "
        "table again, on its warehouse; what has expired does not come back",
    )

    expiry: Expiry

    def sql(self) -> str:
        return f"ALTER STORAGE LIFECYCLE POLICY {self.name.sql()} SET BODY -> {self.expiry.sql()}"


@dataclass(frozen=True)
class AttachPolicy(Statement):
    """A policy attached to a table, which can have one.

    https://docs.snowflake.com/en/sql-reference/sql/alter-table
    """

    kind = "ALTER TABLE ADD STORAGE LIFECYCLE POLICY"
    of: ClassVar[str] = "TABLE"
    # A second one is refused.
    repeatable = False
    risk = Risk("destructive", "older rows are deleted for good, the first within minutes, then once a day")

    policy: ObjectName
    column: Identifier

    def sql(self) -> str:
        return (
            f"ALTER {self.of} {self.name.sql()} ADD STORAGE LIFECYCLE POLICY {self.policy.sql()} "
            f"ON ({self.column.sql()})"
        )


class AttachToDynamicTable(AttachPolicy):
    """A policy attached to a dynamic table. https://docs.snowflake.com/en/sql-reference/sql/alter-dynamic-table."""

    kind = "ALTER DYNAMIC TABLE ADD STORAGE LIFECYCLE POLICY"
    of = "DYNAMIC TABLE"


class DetachPolicy(Statement):
    """A table's policy detached: its rows stay. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    kind = "ALTER TABLE DROP STORAGE LIFECYCLE POLICY"
    of: ClassVar[str] = "TABLE"
    repeatable = False

    def sql(self) -> str:
        return f"ALTER {self.of} {self.name.sql()} DROP STORAGE LIFECYCLE POLICY"


class DetachFromDynamicTable(DetachPolicy):
    """A dynamic table's policy detached.

    https://docs.snowflake.com/en/user-guide/dynamic-tables/storage-lifecycle-policies
    """

    kind = "ALTER DYNAMIC TABLE DROP STORAGE LIFECYCLE POLICY"
    of = "DYNAMIC TABLE"
    risk = Risk("recomputes", "its next refresh reads all rows of the table again, on its warehouse")


class AttachedPolicies(Statement):
    """The policy attached to a table or dynamic table. Needs a warehouse.

    The domain is TABLE for both: POLICY_REFERENCES takes no other (Snowflake's Terraform provider,
    pkg/resources/table_storage_lifecycle_policy_attachment.go).
    https://docs.snowflake.com/en/sql-reference/functions/policy_references
    """

    kind = "SELECT POLICY_REFERENCES"
    reads = True

    def sql(self) -> str:
        return (
            "SELECT POLICY_DB, POLICY_SCHEMA, POLICY_NAME FROM "
            f"TABLE({self.name.parent.database.sql()}.INFORMATION_SCHEMA.POLICY_REFERENCES("
            f"REF_ENTITY_NAME => {literal(self.name.sql())}, REF_ENTITY_DOMAIN => 'TABLE')) "
            "WHERE POLICY_KIND = 'STORAGE_LIFECYCLE_POLICY'"
        )
