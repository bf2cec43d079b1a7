"""The file format of the files in the lake."""

from __future__ import annotations

from constructs import Construct

from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream_wire.resources import FileFormat, ResourceType


class SnowflakeFileFormat(SnowflakeObject):
    """A JSON file format: newline-delimited events, or arrays of them.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        comment: shown in Snowflake.

    https://docs.snowflake.com/en/sql-reference/sql/create-file-format
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        comment: str = "",
    ) -> None:
        properties: FileFormat = {
            **name.to_properties(),
            "Compression": "AUTO",
            "StripOuterArray": True,
            # Firehose ends each record with a newline; with TRUE, an unclosed record might swallow the next ones.
            "MultiLine": False,
            "Comment": comment,
        }
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.FILE_FORMAT,
            name=name,
            properties=properties,
        )
