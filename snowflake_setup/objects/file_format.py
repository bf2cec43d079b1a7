"""The lifecycle of a JSON file format: altered in place, since pipes refer to it by name."""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import FileFormatSpec
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row, described_properties
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.file_format import AlterFileFormat, CreateFileFormat
from snowflake_setup.sql.identifiers import ObjectName, boolean


class FileFormat(Resource[FileFormatSpec]):
    """`Custom::SnowflakeFileFormat`."""

    kind = "FILE_FORMAT"

    def read(self, properties: Properties) -> FileFormatSpec:
        """The wanted file format."""
        return FileFormatSpec.read(properties)

    def create(self, spec: FileFormatSpec) -> Data:
        """Make it, or adopt an equal one."""
        rows = self.tools.describe(Noun.FILE_FORMAT, spec.name)
        if rows is not None:
            _require_equal(spec, rows)
            return {"FullName": str(spec.name)}
        statement = CreateFileFormat(spec.name, spec.compression, spec.strip_outer_array, spec.comment)
        with self.tools.creating(Noun.FILE_FORMAT, statement):
            _require_equal(spec, self.tools.describe_made(Noun.FILE_FORMAT, spec.name))
        return {"FullName": str(spec.name)}

    def update(self, old: FileFormatSpec | None, new: FileFormatSpec) -> Data:
        """Set the options that pipes will use from the next file on."""
        if self.tools.describe(Noun.FILE_FORMAT, new.name) is None:
            return self.create(new)
        if old != new:
            self.tools.warehouse.execute(
                AlterFileFormat(new.name, new.compression, new.strip_outer_array, new.comment)
            )
        return {"FullName": str(new.name)}

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Drop it."""
        self.tools.drop(Noun.FILE_FORMAT, name)


def _require_equal(spec: FileFormatSpec, rows: list[Row]) -> None:
    there = described_properties(rows)
    wanted = {
        "TYPE": "JSON",
        "COMPRESSION": spec.compression,
        "STRIP_OUTER_ARRAY": boolean(spec.strip_outer_array),
    }
    differing = [
        f"{option} is {there.get(option, 'unset')}, wanted {value}"
        for option, value in wanted.items()
        if there.get(option, "").upper() != value
    ]
    if differing:
        raise DefinitionConflictError(
            f"file format {spec.name} exists already and differs: {'; '.join(differing)}. "
            "Drop it, give ours another name, or set our properties to what is there"
        )
