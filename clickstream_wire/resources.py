"""Custom resources: their types, their properties as CloudFormation passes them on, and their attributes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

from enum import StrEnum
from typing import NotRequired, TypedDict

PREFIX = "Custom::Snowflake"


MANAGED = "managed by CloudFormation"
"""Part of the comment of each object that an app manages; the rest names the environment and the kind of event."""


OWNER_ROLE = "OwnerRole"
"""Property of all objects: the Snowflake role that deploys and owns them; another role would not see them."""


RETENTION = "_RETENTION"
"""Suffix of the name of the storage lifecycle policy that belongs to a table."""


class ResourceType(StrEnum):
    """Types of custom resources, one for each kind of Snowflake object."""

    FILE_FORMAT = "Custom::SnowflakeFileFormat"
    STORAGE_INTEGRATION = "Custom::SnowflakeStorageIntegration"
    STAGE = "Custom::SnowflakeStage"
    TABLE = "Custom::SnowflakeTable"
    DYNAMIC_TABLE = "Custom::SnowflakeDynamicTable"
    VIEW = "Custom::SnowflakeView"
    PIPE = "Custom::SnowflakePipe"
    PIPE_REFRESH = "Custom::SnowflakePipeRefresh"


NOTIFICATION_DELAY = "Custom::S3NotificationDelay"
"""No object of Snowflake: waits until a bucket's changed notifications are in effect."""


class Attribute(StrEnum):
    """Attributes that a resource returns, for `Fn::GetAtt`."""

    FULL_NAME = "FullName"
    NOTIFICATION_CHANNEL = "NotificationChannel"
    IAM_USER_ARN = "IamUserArn"
    EXTERNAL_ID = "ExternalId"


class Name(TypedDict):
    """The full name of an object in a schema."""

    Database: str
    Schema: str
    Name: str


class FileFormat(Name):
    """`Custom::SnowflakeFileFormat`."""

    Compression: NotRequired[str]
    StripOuterArray: NotRequired[bool]
    MultiLine: NotRequired[bool]
    Comment: NotRequired[str]


class StageAccess(TypedDict):
    """An access key or an integration, never both."""

    CredentialsSecretArn: NotRequired[str]
    CredentialsSerial: NotRequired[str]
    StorageIntegration: NotRequired[str]


class Stage(Name, StageAccess):
    """`Custom::SnowflakeStage`."""

    Url: str
    Comment: NotRequired[str]


class StorageIntegration(TypedDict):
    """`Custom::SnowflakeStorageIntegration`: an object of the account, so its name has one part."""

    Name: str
    RoleArn: str
    ExternalId: str
    AllowedLocations: list[str]
    Comment: NotRequired[str]


class Column(TypedDict):
    """A column of a table."""

    Name: str
    Type: str
    Comment: NotRequired[str]


class Expiring(TypedDict):
    """A table whose rows expire so many days after they were loaded."""

    KeepDays: NotRequired[str]
    LoadTime: NotRequired[str]


class Table(Name, Expiring):
    """`Custom::SnowflakeTable`."""

    Columns: list[Column]
    SchemaEvolution: NotRequired[bool]
    ErrorLogging: NotRequired[bool]
    OnDelete: NotRequired[str]
    Comment: NotRequired[str]


class MetadataColumn(TypedDict):
    """A column that a pipe fills with metadata of the file."""

    Column: str
    Source: str


class Pipe(Name):
    """`Custom::SnowflakePipe`."""

    Table: Name
    Stage: Name
    StageUrl: NotRequired[str]
    FileFormat: Name
    Metadata: NotRequired[list[MetadataColumn]]
    OnError: NotRequired[str]
    DayFolder: NotRequired[str]
    Comment: NotRequired[str]


class FirstArrivals(TypedDict):
    """The query that shows each event once."""

    Table: Name
    Key: str
    Order: list[str]
    TypeColumn: NotRequired[str]
    EventTime: NotRequired[str]
    Arrival: NotRequired[list[str]]
    LateDays: NotRequired[str]


class DynamicTable(Name):
    """`Custom::SnowflakeDynamicTable`; the query is that of `FirstArrivals` or `SessionsOf`."""

    Columns: NotRequired[list[str]]
    TargetLagMinutes: str
    Warehouse: str
    KeepDays: NotRequired[str]
    Comment: NotRequired[str]


class Kept(TypedDict):
    """The query of a dynamic table's rows."""

    DynamicTable: Name


class SessionsOf(TypedDict):
    """The query of sessions, of a view or dynamic table with each event once."""

    SessionsOf: Name


class View(Name):
    """`Custom::SnowflakeView`; the query is that of `FirstArrivals`, `Kept` or `SessionsOf`."""

    Columns: NotRequired[list[str]]
    Comment: NotRequired[str]


class PipeRefresh(TypedDict):
    """`Custom::SnowflakePipeRefresh`; another Trigger repeats it."""

    Pipe: Name
    DayFolder: NotRequired[str]
    Trigger: NotRequired[str]


class NotificationDelay(TypedDict):
    """`Custom::S3NotificationDelay`; another Trigger repeats it."""

    Trigger: list[str]


PROPERTIES = {
    ResourceType.FILE_FORMAT: FileFormat,
    ResourceType.STORAGE_INTEGRATION: StorageIntegration,
    ResourceType.STAGE: Stage,
    ResourceType.TABLE: Table,
    ResourceType.DYNAMIC_TABLE: DynamicTable,
    ResourceType.VIEW: View,
    ResourceType.PIPE: Pipe,
    ResourceType.PIPE_REFRESH: PipeRefresh,
}
