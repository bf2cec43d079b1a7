"""The objects of an account, as frozen records."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.names import Kind, Name


def now() -> dt.datetime:
    """The current time in UTC."""
    return dt.datetime.now(dt.UTC)


def new_location_id() -> str:
    """A new id for a stage's location."""
    return secrets.token_hex(6)


class Record(BaseModel):
    """A frozen, closed value that can be stored as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entity(Record):
    """An object with a name and an owner. A replaced object gets a new `id`, so it loses grants and load history."""

    kind: ClassVar[Kind]
    name: Name
    owner: str
    id: str = ""
    created_on: dt.datetime = Field(default_factory=now)
    comment: str = ""

    def model_post_init(self, context: Any, /) -> None:
        """Give a new object its id."""
        if not self.id:
            object.__setattr__(
                self, "id", f"{self.kind.value.lower().replace(' ', '_')}_{secrets.token_hex(6)}"
            )


Setting = bool | int | str


# https://docs.snowflake.com/en/sql-reference/parameters#timezone
DEFAULT_TIMEZONE = "America/Los_Angeles"


class Account(Entity):
    """The account itself, so that global privileges are ordinary grants."""

    kind = Kind.ACCOUNT
    parameters: dict[str, Setting] = {}
    authentication_policy: Name | None = None


class Role(Entity):
    """A role."""

    kind = Kind.ROLE


class User(Entity):
    """A person or service that may log in with a key pair."""

    kind = Kind.USER
    type: Literal["PERSON", "SERVICE"] = "PERSON"
    login_name: str = ""
    default_role: str | None = None
    default_warehouse: str | None = None
    disabled: bool = False
    rsa_public_key: str | None = Field(default=None, repr=False)
    rsa_public_key_2: str | None = Field(default=None, repr=False)
    workload_identity: str | None = None
    network_policy: str | None = None
    authentication_policy: Name | None = None


class Warehouse(Entity):
    """A warehouse: queries without one are refused, as in Snowflake, and its seconds are counted."""

    kind = Kind.WAREHOUSE
    size: str = "XSMALL"
    auto_suspend: int = 600


class Database(Entity):
    """A database."""

    kind = Kind.DATABASE
    retention_days: int = 1


class Schema(Entity):
    """A schema; in one with managed access, the owners of its objects may not grant."""

    kind = Kind.SCHEMA
    retention_days: int = 1
    managed_access: bool = False


# The principal that the role of a storage integration must trust, in another AWS account, as with Snowflake.
IAM_USER_ARN = "arn:aws:iam::123456789001:user/snowflake-local"


class Integration(Entity):
    """A storage integration: the locations that stages may read without their own keys."""

    kind = Kind.INTEGRATION
    enabled: bool
    aws_role_arn: str
    aws_external_id: str
    allowed_locations: tuple[str, ...]

    def allows(self, url: str) -> bool:
        """True if the integration may be used for the location."""
        return any(place == "*" or url.startswith(place) for place in self.allowed_locations)


class JsonFormat(Record):
    """The options for reading JSON files."""

    compression: Literal["AUTO", "GZIP", "NONE"] = "AUTO"
    strip_outer_array: bool = False
    multi_line: bool = True


class FileFormat(Entity):
    """A named file format."""

    kind = Kind.FILE_FORMAT
    format: JsonFormat = JsonFormat()


class Credentials(Record):
    """The keys with which a stage reads the lake; never shown."""

    key_id: str = Field(repr=False)
    secret_key: str = Field(repr=False)
    token: str | None = Field(default=None, repr=False)


class Stage(Entity):
    """An external stage on S3."""

    kind = Kind.STAGE
    url: str
    credentials: Credentials | None = Field(default=None, repr=False)
    integration: str | None = None
    # A stage stays bound to its integration even if another one takes the name.
    integration_id: str | None = None
    location_id: str = Field(default_factory=new_location_id)


class Column(Record):
    """A table's column; one that schema evolution has made or changed has the record of it, as JSON."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None
    schema_evolution_record: str | None = None


class Table(Entity):
    """A table; its rows are in DuckDB under its id."""

    kind = Kind.TABLE
    columns: tuple[Column, ...]
    enable_schema_evolution: bool = False
    # The time at which it got its error table; None: it has none.
    error_logging_since: dt.datetime | None = None
    retention_days: int = 1

    def column(self, name: str) -> Column | None:
        """The column of that exact name."""
        return next((column for column in self.columns if column.name == name), None)


class Protection(Record):
    """A policy or tag on a view or on one of its columns. It has no effect here, and need not exist as an object."""

    kind: Literal["MASKING POLICY", "ROW ACCESS POLICY", "TAG"]
    name: str
    column: str | None = None


class View(Entity):
    """A view: a query with the columns it had when it was created, run with its owner's rights."""

    kind = Kind.VIEW
    columns: tuple[Column, ...]
    query: str
    text: str
    protections: tuple[Protection, ...] = ()


class DynamicTable(Entity):
    """A table with the rows of a query as they were at its last refresh; its rows are in DuckDB under its id."""

    kind = Kind.DYNAMIC_TABLE
    columns: tuple[Column, ...]
    query: str
    text: str
    target_lag: dt.timedelta
    warehouse: str
    cluster_by: tuple[str, ...] = ()
    refreshed_on: dt.datetime = Field(default_factory=now)
    suspended: bool = False

    def is_due(self) -> bool:
        """True if its rows are as old as they may be: the stand-in refreshes no sooner than it must."""
        return not self.suspended and now() - self.refreshed_on >= self.target_lag


class OnError(Record):
    """The number of errors that a load tolerates."""

    mode: Literal["CONTINUE", "SKIP_FILE"]
    limit: int = 1
    percent: bool = False

    def refuses(self, *, errors: int, parsed: int) -> bool:
        """True if a file with this many errors is refused."""
        if errors == 0 or self.mode == "CONTINUE":
            return False
        return errors * 100 > self.limit * parsed if self.percent else errors >= self.limit


class CopySpec(Record):
    """COPY INTO table FROM @stage, with its options; columns are matched by name, in any case."""

    table: Name
    stage: Name
    path: str = ""
    file_format: Name
    include_metadata: dict[str, str] = {}
    on_error: OnError
    files: tuple[str, ...] = ()


class Pipe(Entity):
    """A pipe; bound to the stage and location that existed when it was created."""

    kind = Kind.PIPE
    definition: str
    copy_spec: CopySpec
    stage_id: str
    location_id: str
    auto_ingest: bool = False
    execution_paused: bool = False
    notification_channel: str | None = None


class NetworkPolicy(Entity):
    """The addresses that may connect, and those of them that may not."""

    kind = Kind.NETWORK_POLICY
    allowed_ip_list: tuple[str, ...] = ()
    blocked_ip_list: tuple[str, ...] = ()


class AuthenticationPolicy(Entity):
    """The ways to log in that are allowed."""

    kind = Kind.AUTHENTICATION_POLICY
    authentication_methods: tuple[str, ...] = ("ALL",)
    client_types: tuple[str, ...] = ("ALL",)


class StorageLifecyclePolicy(Entity):
    """A condition on its arguments under which rows expire, and the tables that it is attached to.

    Attributes:
        attached: by the id of a table, the columns that are its arguments. A dropped table stays: UNDROP restores the
            association, and it is not documented that the policy may be dropped before.
    """

    kind = Kind.STORAGE_LIFECYCLE_POLICY
    arguments: tuple[str, ...]
    body: str
    attached: dict[str, tuple[str, ...]] = {}


ENTITIES: dict[Kind, type[Entity]] = {entity.kind: entity for entity in Entity.__subclasses__()}
