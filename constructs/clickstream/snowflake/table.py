"""The table that events are loaded into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from constructs import Construct

from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream_wire import resources
from clickstream_wire.resources import ResourceType


@dataclass(frozen=True)
class Column:
    """A column of a table; nullable, since schema evolution would drop a NOT NULL anyway."""

    name: str
    type: str
    comment: str = ""

    def to_properties(self) -> resources.Column:
        """The properties that the landing Lambda reads."""
        properties: resources.Column = {"Name": self.name, "Type": self.type}
        if self.comment:
            properties["Comment"] = self.comment
        return properties


class SnowflakeTable(SnowflakeObject):
    """A table that matches events by column name and adds a column for each new field.

    A load adds up to a hundred columns, so anyone who may send events can clutter the table: if senders are not
    trusted, switch `schema_evolution` off.

    Columns are only ever added: one that is no longer listed stays. One that a load has added may be listed later, with
    any type. Any other change of type is refused, unless it makes room for more digits or characters.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        columns: in order; at least one.
        schema_evolution: whether a load adds columns for new fields; if not, such fields are left out.
        error_logging: whether rows that a load refuses are kept in the table's error table, which has no retention
            time; if it is turned off, Snowflake drops that table. An account that does not offer it goes without.
        on_delete: `retain` keeps the table and its rows when the resource is deleted, `drop` does not.
        keep_days: how many days after a row was loaded Snowflake deletes it, 15 to 3,650; None for never. Files in the
            lake may stay longer: what has expired is not loaded again by itself. The provider's role then needs CREATE
            STORAGE LIFECYCLE POLICY on the schema; an account without such policies refuses the deployment.
        load_time_column: when a row was loaded; required with `keep_days`.
        comment: shown in Snowflake.

    Raises:
        ValueError: there is no column, or two have the same name, or none has the time of the load.

    https://docs.snowflake.com/en/user-guide/data-load-schema-evolution
    https://docs.snowflake.com/en/user-guide/data-load-error-tables
    https://docs.snowflake.com/en/user-guide/storage-management/storage-lifecycle-policies
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        columns: Sequence[Column],
        schema_evolution: bool = False,
        error_logging: bool = True,
        on_delete: Literal["retain", "drop"] = "retain",
        keep_days: int | None = None,
        load_time_column: str = "",
        comment: str = "",
    ) -> None:
        names = [column.name for column in columns]
        doubled = sorted({column for column in names if names.count(column) > 1})
        if not names or doubled:
            raise ValueError(f"a table needs columns, each once; got {names or 'none'}, doubled: {doubled}")
        if keep_days and load_time_column not in names:
            raise ValueError(f"keep_days needs load_time_column, one of {names}, got {load_time_column!r}")
        self.columns = tuple(columns)
        expiring: resources.Expiring = (
            {"KeepDays": str(keep_days), "LoadTime": load_time_column} if keep_days else {}
        )
        properties: resources.Table = {
            **name.to_properties(),
            **expiring,
            "Columns": [column.to_properties() for column in columns],
            "SchemaEvolution": schema_evolution,
            "ErrorLogging": error_logging,
            "OnDelete": on_delete,
            "Comment": comment,
        }
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.TABLE,
            name=name,
            properties=properties,
        )
