"""The view for analysts."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from clickstream.snowflake.dynamic_table import SnowflakeDynamicTable
from clickstream.snowflake.first_arrivals import FirstArrivals
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream.snowflake.sessions import Sessions
from clickstream_wire.resources import ResourceType


class SnowflakeView(SnowflakeObject):
    """A view that shows each event once. It is recreated when its columns change, and keeps its grants.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        rows: what it shows: each event once, computed by each query, all rows of a dynamic table, or sessions.
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
        rows: FirstArrivals | Sessions | SnowflakeDynamicTable,
        comment: str = "",
    ) -> None:
        shown: dict[str, object] = {**name.to_properties(), "Comment": comment}
        match rows:
            case FirstArrivals(table=source):
                shown["Columns"] = [column.name for column in source.columns]
                query: Mapping[str, object] = rows.to_properties()
            case Sessions(source=source):
                query = rows.to_properties()
            case source:
                shown["Columns"] = source.columns
                query = {"DynamicTable": source.name.to_properties()}
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.VIEW,
            name=name,
            properties={**shown, **query},
            after=(source,),
        )
