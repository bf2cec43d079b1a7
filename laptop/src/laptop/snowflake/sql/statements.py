"""Every statement that the stand-in supports, as a frozen value; grants and looks are in two other modules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Column, CopySpec, Protection
from laptop.snowflake.sql.grant_statements import Membership, Ownership, Privileges, PrivilegesInside
from laptop.snowflake.sql.policy_statements import PolicyStatement
from laptop.snowflake.sql.show_statements import (
    Describe,
    Show,
    ShowAuthenticationPolicies,
    ShowColumns,
    ShowFutureGrants,
    ShowGrants,
    ShowKeys,
    ShowParameters,
)


@dataclass(frozen=True)
class Create:
    """CREATE [OR REPLACE] kind [IF NOT EXISTS] name properties."""

    kind: Kind
    name: Name
    or_replace: bool
    if_not_exists: bool
    fields: dict[str, Any]


@dataclass(frozen=True)
class CreateTable(Create):
    """CREATE [TEMPORARY] TABLE with its columns."""

    columns: tuple[Column, ...]
    temporary: bool = False


@dataclass(frozen=True)
class CreatePipe(Create):
    """CREATE PIPE … AS COPY INTO …; `definition` is the COPY as written."""

    definition: str
    copy: CopySpec


@dataclass(frozen=True)
class ViewColumn:
    """A column's name in the view, and its comment."""

    name: str
    comment: str | None


@dataclass(frozen=True)
class CreateView(Create):
    """CREATE VIEW … AS query; without a column list it has the query's columns."""

    columns: tuple[ViewColumn, ...]
    copy_grants: bool
    query: str
    text: str


@dataclass(frozen=True)
class CreateDynamicTable(Create):
    """CREATE DYNAMIC TABLE … AS query."""

    cluster_by: tuple[str, ...]
    copy_grants: bool
    query: str
    text: str


@dataclass(frozen=True)
class OperateDynamicTable:
    """ALTER DYNAMIC TABLE … REFRESH, SUSPEND or RESUME."""

    name: Name
    action: Literal["REFRESH", "SUSPEND", "RESUME"]
    kind: Kind = Kind.DYNAMIC_TABLE


@dataclass(frozen=True)
class Alter:
    """ALTER kind name SET or UNSET."""

    kind: Kind
    name: Name
    if_exists: bool
    fields: dict[str, Any]


@dataclass(frozen=True)
class ProtectView:
    """ALTER VIEW: set or unset a policy or tag."""

    name: Name
    protection: Protection
    on: bool
    kind: Kind = Kind.VIEW


@dataclass(frozen=True)
class AddColumns:
    """ALTER TABLE … ADD COLUMN."""

    name: Name
    if_exists: bool
    if_not_exists: bool
    columns: tuple[Column, ...]
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class CommentColumn:
    """ALTER TABLE … ALTER COLUMN … COMMENT."""

    name: Name
    if_exists: bool
    column: str
    comment: str
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class RetypeColumn:
    """ALTER TABLE … ALTER COLUMN … SET DATA TYPE."""

    name: Name
    if_exists: bool
    column: str
    type: DataType
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class AllowNulls:
    """ALTER TABLE … ALTER COLUMN … DROP NOT NULL."""

    name: Name
    if_exists: bool
    column: str
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class RenameColumn:
    """ALTER TABLE … RENAME COLUMN … TO."""

    name: Name
    if_exists: bool
    column: str
    new_name: str
    kind: Kind = Kind.TABLE


@dataclass(frozen=True)
class RefreshPipe:
    """ALTER PIPE … REFRESH."""

    name: Name
    if_exists: bool
    prefix: str = ""
    modified_after: dt.datetime | None = None
    kind: Kind = Kind.PIPE


@dataclass(frozen=True)
class SetParameters:
    """ALTER ACCOUNT or SESSION, SET or UNSET."""

    scope: Literal["ACCOUNT", "SESSION"]
    given: dict[str, Any]
    unset: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetAuthenticationPolicy:
    """ALTER ACCOUNT or USER, SET or UNSET AUTHENTICATION POLICY; without a user the account's."""

    user: Name | None
    policy: Name | None


@dataclass(frozen=True)
class TruncateErrorTable:
    """TRUNCATE [TABLE] [IF EXISTS] ERROR_TABLE(name)."""

    name: Name
    if_exists: bool


@dataclass(frozen=True)
class Drop:
    """DROP kind [IF EXISTS] name."""

    kind: Kind
    name: Name
    if_exists: bool


@dataclass(frozen=True)
class Use:
    """USE ROLE, WAREHOUSE, DATABASE or SCHEMA."""

    kind: Kind
    name: Name


@dataclass(frozen=True)
class CopyInto:
    """COPY INTO table FROM @stage."""

    copy: CopySpec


@dataclass(frozen=True)
class ListStage:
    """LIST @stage[/path]."""

    stage: Name
    path: str = ""


@dataclass(frozen=True)
class EndTransaction:
    """COMMIT or ROLLBACK, without an effect, since every statement commits by itself."""


@dataclass(frozen=True)
class Query:
    """SELECT and the row-changing statements, parsed in `queries`."""

    sql: str = field(repr=False)


Statement: TypeAlias = (
    Create
    | Alter
    | ProtectView
    | PolicyStatement
    | AddColumns
    | CommentColumn
    | RetypeColumn
    | AllowNulls
    | RenameColumn
    | RefreshPipe
    | OperateDynamicTable
    | TruncateErrorTable
    | SetParameters
    | SetAuthenticationPolicy
    | ShowAuthenticationPolicies
    | ShowParameters
    | Drop
    | Use
    | Describe
    | Show
    | ShowColumns
    | ShowKeys
    | ShowGrants
    | ShowFutureGrants
    | Privileges
    | PrivilegesInside
    | Ownership
    | Membership
    | CopyInto
    | ListStage
    | EndTransaction
    | Query
)
