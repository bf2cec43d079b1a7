"""What the template wants of each object, read from its properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from snowflake_setup.session.errors import PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql import column_type
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.pipe import CopyInto, MetadataColumn
from snowflake_setup.sql.table import Column
from snowflake_setup.sql.view import FirstArrivals

_COMPRESSIONS = ("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE")
_ARN = re.compile(r"arn:\S+")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
_ON_ERROR = re.compile(r"CONTINUE|SKIP_FILE(_\d{1,9}%?)?")
_METADATA = (
    "METADATA$FILENAME",
    "METADATA$FILE_ROW_NUMBER",
    "METADATA$FILE_CONTENT_KEY",
    "METADATA$FILE_LAST_MODIFIED",
    "METADATA$START_SCAN_TIME",
)


@dataclass(frozen=True)
class FileFormatSpec:
    """A JSON file format."""

    name: ObjectName
    compression: str
    strip_outer_array: bool
    comment: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakeFileFormat`."""
        return cls(
            name=properties.object_name(),
            compression=properties.choice("Compression", _COMPRESSIONS, "AUTO"),
            strip_outer_array=properties.flag("StripOuterArray", default=True),
            comment=properties.text("Comment", ""),
        )


@dataclass(frozen=True)
class StoredKey:
    """An access key in Secrets Manager; a new serial says that it was rotated."""

    secret_arn: str
    serial: str


@dataclass(frozen=True)
class StageSpec:
    """The place in S3 that Snowflake reads, and how it is let in."""

    name: ObjectName
    url: str
    access: StoredKey | ObjectName
    comment: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakeStage`."""
        return cls(
            name=properties.object_name(),
            url=properties.s3_url("Url"),
            access=_access(properties),
            comment=properties.text("Comment", ""),
        )


@dataclass(frozen=True)
class StorageIntegrationSpec:
    """The role of ours that Snowflake assumes, and the places it may read as that role."""

    name: ObjectName
    role_arn: str
    external_id: str
    allowed_locations: tuple[str, ...]
    comment: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakeStorageIntegration`."""
        return cls(
            name=properties.account_object_name(),
            role_arn=properties.matching("RoleArn", _ROLE_ARN, "the ARN of an IAM role"),
            external_id=properties.matching(
                "ExternalId", _EXTERNAL_ID, "2 to 1224 letters, digits and any of _+=,.@:/-"
            ),
            allowed_locations=properties.s3_urls("AllowedLocations"),
            comment=properties.text("Comment", ""),
        )


@dataclass(frozen=True)
class TableSpec:
    """The table the events arrive in."""

    name: ObjectName
    columns: tuple[Column, ...]
    schema_evolution: bool
    comment: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakeTable`."""
        # What the Delete reads is checked while a mistake can still be mended.
        properties.choice("OnDelete", ("retain", "drop"), "retain")
        spec = cls(
            name=properties.object_name(),
            columns=properties.each("Columns", _column, at_least=1),
            schema_evolution=properties.flag("SchemaEvolution", default=True),
            comment=properties.text("Comment", ""),
        )
        names = [column.name.value for column in spec.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PropertyError(f"Columns of table {spec.name} name {', '.join(twice)} more than once")
        return spec


@dataclass(frozen=True)
class PipeSpec:
    """The pipe that loads each new file."""

    name: ObjectName
    copy: CopyInto
    stage_url: str
    comment: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakePipe`."""
        copy = CopyInto(
            table=properties.reference("Table"),
            stage=properties.reference("Stage"),
            file_format=properties.reference("FileFormat"),
            metadata=properties.each("Metadata", _metadata),
            on_error=properties.matching(
                "OnError", _ON_ERROR, "CONTINUE, SKIP_FILE, SKIP_FILE_10 or SKIP_FILE_10%", "CONTINUE"
            ),
        )
        return cls(
            name=properties.object_name(),
            copy=copy,
            stage_url=properties.text("StageUrl", ""),
            comment=properties.text("Comment", ""),
        )


@dataclass(frozen=True)
class ViewSpec:
    """The view that shows each event once; `revision` changes to have it made anew, and means nothing else."""

    name: ObjectName
    query: FirstArrivals
    comment: str
    revision: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakeView`."""
        query = FirstArrivals(
            table=properties.reference("Table"),
            key=properties.identifier("Key"),
            order=properties.listed("Order", Identifier),
            type_column=properties.identifier("TypeColumn") if properties.text("TypeColumn", "") else None,
        )
        return cls(
            name=properties.object_name(),
            query=query,
            comment=properties.text("Comment", ""),
            revision=properties.text("Revision", ""),
        )


@dataclass(frozen=True)
class PipeRefreshSpec:
    """The wish that a pipe load what was in the lake before it was told of new files."""

    name: ObjectName
    trigger: str

    @classmethod
    def read(cls, properties: Properties) -> Self:
        """From `Custom::SnowflakePipeRefresh`."""
        return cls(name=properties.reference("Pipe"), trigger=properties.text("Trigger", ""))


def _access(properties: Properties) -> StoredKey | ObjectName:
    """A stage has a key or an integration, never both: which one opened the lake would be anybody's guess."""
    secret = properties.text("CredentialsSecretArn", "")
    serial = properties.text("CredentialsSerial", "")
    if not properties.text("StorageIntegration", ""):
        form = "the ARN of a secret, unless there is a StorageIntegration"
        return StoredKey(properties.matching("CredentialsSecretArn", _ARN, form, ""), serial)
    if secret:
        raise PropertyError("a stage takes CredentialsSecretArn or StorageIntegration, got both")
    return properties.account_object_name("StorageIntegration")


def _column(properties: Properties) -> Column:
    return Column(
        name=properties.identifier("Name"),
        type=properties.parsed("Type", column_type.checked),
        comment=properties.text("Comment", "") or None,
    )


def _metadata(properties: Properties) -> MetadataColumn:
    return MetadataColumn(properties.identifier("Column"), properties.choice("Source", _METADATA))
