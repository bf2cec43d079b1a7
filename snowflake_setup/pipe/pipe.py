"""The pipe: left alone whenever possible, replaced safely when its definition changes.

`replacement` describes the procedure and its cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from clickstream_wire.resources import Attribute
from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Data, Resource, require_unmanaged
from snowflake_setup.pipe.definition import PipeSpec, ShownPipe
from snowflake_setup.pipe.folders import read_day_folder
from snowflake_setup.pipe.replacement import FailedRename, PipeReplacement
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql import pipe as sql
from snowflake_setup.sql.copy_into import FILE_NAME, SCAN_TIME, CopyInto, MetadataColumn
from snowflake_setup.sql.identifiers import ObjectName

# Error tables do not support SKIP_FILE_<n> and SKIP_FILE_<n>%:
# https://docs.snowflake.com/en/user-guide/data-load-error-tables-pipes
_ON_ERROR = ("CONTINUE", "SKIP_FILE")
_METADATA = (
    FILE_NAME,
    "METADATA$FILE_ROW_NUMBER",
    "METADATA$FILE_CONTENT_KEY",
    "METADATA$FILE_LAST_MODIFIED",
    SCAN_TIME,
)


class Pipe(Resource[PipeSpec, ShownPipe]):
    """`Custom::SnowflakePipe`."""

    kind = "PIPE"
    shown = ShownPipe
    dropped_by = sql.DropPipe

    def read(self, properties: Properties) -> PipeSpec:
        copy = CopyInto(
            table=properties.reference("Table"),
            stage=properties.reference("Stage"),
            file_format=properties.reference("FileFormat"),
            metadata=properties.each("Metadata", _metadata),
            on_error=properties.choice("OnError", _ON_ERROR, "CONTINUE"),
        )
        return PipeSpec(
            name=properties.object_name(),
            copy=copy,
            stage_url=properties.text("StageUrl", ""),
            comment=properties.text("Comment", ""),
            day_folder=read_day_folder(properties),
        )

    def require(self, new: PipeSpec, there: ShownPipe) -> None:
        if not there.does(new):
            raise DefinitionConflictError(
                f"pipe {new.name} exists already and differs: its definition is {there.definition}, wanted "
                f"{new.copy.sql()} (stage at {new.stage_url or 'any location'}). Drop it, or choose another name"
            )
        if not there.channel:
            raise DefinitionConflictError(
                f"pipe {new.name} has no notification channel, so no bucket can notify it of new files: "
                "it was created without AUTO_INGEST = TRUE. Drop it and deploy again"
            )

    def make(self, new: PipeSpec) -> Sequence[Action]:
        return [sql.CreatePipe(new.name, new.marked_comment(), new.copy)]

    def adopt(self, new: PipeSpec, there: ShownPipe, see: See) -> Sequence[Action]:
        """A pipe with the same definition is kept, with its load history."""
        self.require(new, there)
        require_unmanaged(self.kind, new.name, new.comment, there.comment)
        return [PipeReplacement(new.name, new)] if there.is_under_way else _comment(new, there)

    def change(self, old: PipeSpec | None, new: PipeSpec, there: ShownPipe) -> Sequence[Action]:
        """Leave it alone, set its comment, resume it, or replace it."""
        if old is not None and old.name != new.name:
            return [FailedRename(old, new, there)]
        changed = old is None or old.fingerprint != new.fingerprint
        # Without its fingerprint, the location a pipe reads is unknown.
        told_apart = there.does(new) and not (changed and there.fingerprint is None)
        if not told_apart or there.is_under_way:
            return [PipeReplacement(new.name, new)]
        # Resumes a pipe paused by a failed replacement or by hand.
        return [*_comment(new, there), *([sql.ResumePipe(new.name)] if there.paused else [])]

    def move(self, old: ObjectName, new: PipeSpec, there: ShownPipe | None, see: See) -> Sequence[Action]:
        """A pipe with the new name takes over; the old one stays paused until it is deleted."""
        return [PipeReplacement(old, new)]

    def after(self, new: PipeSpec, there: ShownPipe | None) -> ShownPipe:
        return ShownPipe(new.copy.sql(), new.marked_comment(), channel="", created=None, paused=False)

    def attributes(self, new: PipeSpec, there: ShownPipe) -> Data:
        return {Attribute.FULL_NAME: str(new.name), Attribute.NOTIFICATION_CHANNEL: there.channel}


def _metadata(properties: Properties) -> MetadataColumn:
    return MetadataColumn(properties.identifier("Column"), properties.choice("Source", _METADATA))


def _comment(new: PipeSpec, there: ShownPipe) -> list[Action]:
    comment = new.marked_comment(there.former(new.copy.stage))
    return [] if there.comment == comment else [sql.SetPipeComment(new.name, comment)]
