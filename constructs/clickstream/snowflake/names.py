"""Full names of objects in Snowflake."""

from __future__ import annotations

from dataclasses import dataclass

from clickstream_wire.resources import Name


@dataclass(frozen=True)
class SnowflakeSchema:
    """The schema of a pipeline's objects, created once by an administrator."""

    database: str
    schema: str

    def object(self, name: str) -> SnowflakeName:
        """The full name of an object in this schema."""
        return SnowflakeName(self.database, self.schema, name)


@dataclass(frozen=True)
class SnowflakeName:
    """The full name of a file format, stage, table or pipe."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}"

    def to_properties(self) -> Name:
        """The properties of a resource that the landing Lambda reads the name from."""
        return {"Database": self.database, "Schema": self.schema, "Name": self.name}
