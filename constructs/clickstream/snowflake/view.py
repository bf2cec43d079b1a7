"""The view for analysts."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream.snowflake.table import SnowflakeTable
from clickstream_wire.resources import ResourceType, View


class SnowflakeView(SnowflakeObject):
    """Each event once, as it first arrived, without the pipeline's own test events.

    Delivery is at least once, so the table may hold an event twice. Rows without a key are all kept. Test events are
    those whose type begins with an underscore. The view shows the table's columns here, and is recreated when they
    change. Columns that schema evolution adds are in the table only, until they are listed here.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        table: the table it shows.
        key: the column that identifies an event.
        order: the columns that determine which row arrived first.
        type_column: the column of the event's type.
        comment: shown in Snowflake.

    Raises:
        ValueError: the table has no such column.

    https://docs.snowflake.com/en/sql-reference/sql/create-view
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        table: SnowflakeTable,
        key: str,
        order: Sequence[str],
        type_column: str,
        comment: str = "",
    ) -> None:
        properties: View = {
            **name.to_properties(),
            "Table": table.name.to_properties(),
            "Key": key,
            "Order": list(order),
            "TypeColumn": type_column,
            "Columns": [column.name for column in table.columns],
            "Comment": comment,
        }
        known = {column.name.upper() for column in table.columns}
        if missing := [column for column in (key, *order, type_column) if column.upper() not in known]:
            raise ValueError(
                f"the view {name} needs columns that {table.name} does not have: {', '.join(missing)}"
            )
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.VIEW,
            name=name,
            properties=properties,
            after=(table,),
        )
