"""The view for analysts."""

from __future__ import annotations

from constructs import Construct

from clickstream.snowflake.dynamic_table import SnowflakeDynamicTable
from clickstream.snowflake.first_arrivals import FirstArrivals
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream_wire.resources import FirstArrivals as Arrivals
from clickstream_wire.resources import Kept, ResourceType, View


class SnowflakeView(SnowflakeObject):
    """A view that shows each event once. It is recreated when its columns change, and keeps its grants.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        rows: what it shows: each event once, computed by each query, or all rows of a dynamic table.
        comment: shown in Snowflake.

    https://docs.snowflake.com/en/sql-reference/sql/create-view
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        rows: FirstArrivals | SnowflakeDynamicTable,
        comment: str = "",
    ) -> None:
        source = rows.table if isinstance(rows, FirstArrivals) else rows
        shown: View = {
            **name.to_properties(),
            "Columns": [column.name for column in source.columns],
            "Comment": comment,
        }
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.VIEW,
            name=name,
            properties={**shown, **_query(rows)},
            after=(source,),
        )


def _query(rows: FirstArrivals | SnowflakeDynamicTable) -> Arrivals | Kept:
    if isinstance(rows, FirstArrivals):
        return rows.to_properties()
    return {"DynamicTable": rows.name.to_properties()}
