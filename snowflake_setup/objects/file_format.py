"""The JSON file format: altered in place, since pipes refer to it by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.look import ShownOptions
from snowflake_setup.objects.resource import Resource
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql import file_format as sql
from snowflake_setup.sql.identifiers import ObjectName, boolean

_COMPRESSIONS = ("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE")


@dataclass(frozen=True)
class FileFormatSpec:
    """A JSON file format."""

    name: ObjectName
    compression: str
    strip_outer_array: bool
    multi_line: bool
    comment: str


class ShownFileFormat(ShownOptions):
    """A file format as Snowflake shows it."""

    described_by = sql.DescribeFileFormat


class FileFormat(Resource[FileFormatSpec, ShownFileFormat]):
    """`Custom::SnowflakeFileFormat`."""

    kind = "FILE_FORMAT"
    shown = ShownFileFormat
    dropped_by = sql.DropFileFormat

    def read(self, properties: Properties) -> FileFormatSpec:
        return FileFormatSpec(
            name=properties.object_name(),
            compression=properties.choice("Compression", _COMPRESSIONS, "AUTO"),
            strip_outer_array=properties.flag("StripOuterArray", default=True),
            # Snowflake's own default, which formats of older templates have.
            multi_line=properties.flag("MultiLine", default=True),
            comment=properties.text("Comment", ""),
        )

    def require(self, new: FileFormatSpec, there: ShownFileFormat) -> None:
        if differing := self._differences(new, there):
            raise DefinitionConflictError(
                f"file format {new.name} exists already and differs: {'; '.join(differing)}. "
                "Drop it, choose another name, or set the properties to the existing values"
            )

    def make(self, new: FileFormatSpec) -> Sequence[Action]:
        return [
            sql.CreateFileFormat(
                new.name, new.compression, new.strip_outer_array, new.multi_line, new.comment
            )
        ]

    def change(
        self, old: FileFormatSpec | None, new: FileFormatSpec, there: ShownFileFormat
    ) -> Sequence[Action]:
        """Pipes use the new options from the next file on."""
        if there.options.get("TYPE", "").upper() != "JSON":  # which ALTER cannot change
            self.require(new, there)
        if old == new and not self._differences(new, there):
            return []
        return [
            sql.AlterFileFormat(new.name, new.compression, new.strip_outer_array, new.multi_line, new.comment)
        ]

    def after(self, new: FileFormatSpec, there: ShownFileFormat | None) -> ShownFileFormat:
        options = {
            "TYPE": "JSON",
            "COMPRESSION": new.compression,
            "STRIP_OUTER_ARRAY": boolean(new.strip_outer_array),
            "MULTI_LINE": boolean(new.multi_line),
        }
        return ShownFileFormat(options)

    def _differences(self, new: FileFormatSpec, there: ShownFileFormat) -> list[str]:
        wanted = self.after(new, None).options
        # Snowflake's page on DESC FILE FORMAT does not say that it shows MULTI_LINE.
        shown = {"MULTI_LINE": wanted["MULTI_LINE"], **there.options}
        return [
            f"{option} is {shown.get(option, 'unset')}, wanted {value}"
            for option, value in wanted.items()
            if shown.get(option, "").upper() != value
        ]
