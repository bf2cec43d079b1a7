"""The pipe that loads new files into the table."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from clickstream.lake.notifications import LakeNotifications
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream.snowflake.stage import SnowflakeStage
from clickstream.snowflake.table import SnowflakeTable
from clickstream_wire.resources import Attribute, Pipe, PipeRefresh, ResourceType


class SnowflakePipe(SnowflakeObject):
    """An auto-ingest pipe: loads each file that its notification channel announces, once.

    It is replaced only when its COPY statement or the stage's location changes, since its load history prevents files
    from being loaded twice; the Lambda then follows Snowflake's procedure for a safe replacement.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        stage: the stage to load from.
        table: the table to load into.
        file_format: how to read the files.
        metadata_columns: table column → the file's metadata to fill it with. Include METADATA$FILENAME: when the pipe
            is replaced, it shows which files are in the table.
        day_folder: the folder of a day inside the stage, in the notation of strftime (%Y, %m, %d) and UTC, if each file
            is in the folder of the day its first event arrived. Then a replacement lists only the last days' folders;
            otherwise it lists the whole stage.
        on_error: CONTINUE keeps the good rows of a bad file; SKIP_FILE loads all of a file or nothing.
        comment: shown in Snowflake.

    https://docs.snowflake.com/en/sql-reference/sql/create-pipe
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        stage: SnowflakeStage,
        table: SnowflakeTable,
        file_format: SnowflakeFileFormat,
        metadata_columns: Mapping[str, str],
        day_folder: str = "",
        on_error: str = "CONTINUE",
        comment: str = "",
    ) -> None:
        properties: Pipe = {
            **name.to_properties(),
            "Table": table.name.to_properties(),
            "Stage": stage.name.to_properties(),
            "StageUrl": stage.url,
            "FileFormat": file_format.name.to_properties(),
            "Metadata": [{"Column": column, "Source": source} for column, source in metadata_columns.items()],
            "OnError": on_error,
            "DayFolder": day_folder,
            "Comment": comment,
        }
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.PIPE,
            name=name,
            properties=properties,
            after=(stage, table, file_format),
        )
        self._provider = provider
        self._day_folder = day_folder
        self._location = stage.url

    @property
    def notification_channel(self) -> str:
        """ARN of the SQS queue that the lake must notify of new files: one for all pipes of the account in a region."""
        return self._resource.get_att_string(Attribute.NOTIFICATION_CHANNEL)

    def refresh_after(self, notifications: LakeNotifications) -> None:
        """Load the files that landed before `notifications` were in effect, again if location or queue change.

        The pipe skips files that are in its load history.
        """
        properties: PipeRefresh = {
            "Pipe": self._name.to_properties(),
            "DayFolder": self._day_folder,
            "Trigger": f"{self._location} {self.notification_channel}",
        }
        refresh = self._provider.serve(self, "Refresh", ResourceType.PIPE_REFRESH, properties)
        refresh.node.add_dependency(self._resource, notifications)
