"""The dynamic table that keeps each event once."""

from __future__ import annotations

from constructs import Construct

from clickstream.snowflake.first_arrivals import FirstArrivals
from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.resource import SnowflakeObject
from clickstream.snowflake.sessions import Sessions
from clickstream_wire.resources import ResourceType


class SnowflakeDynamicTable(SnowflakeObject):
    """A table of each event once, clustered by EVENT_DATE, which Snowflake refreshes incrementally.

    It is refreshed when it is created, and when its columns change: all rows of the table are read, in one statement of
    at most five minutes. For more rows, run the statement that `clickstream plan` prints yourself, then deploy.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that creates it.
        name: its full name.
        rows: what it keeps.
        target_lag_minutes: how old its rows may be, 1 to 10,080.
        warehouse: the warehouse that refreshes it, which the provider's role may use.
        keep_days: for how many days, the present one included, Snowflake keeps rows, by EVENT_DATE; None for
            all of them. As many as its table. Not for sessions, which expire with their events.
        comment: shown in Snowflake.

    Raises:
        ValueError: `keep_days` for sessions.

    https://docs.snowflake.com/en/user-guide/dynamic-tables/create
    https://docs.snowflake.com/en/user-guide/dynamic-tables/storage-lifecycle-policies
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        name: SnowflakeName,
        rows: FirstArrivals | Sessions,
        target_lag_minutes: int,
        warehouse: str,
        keep_days: int | None = None,
        comment: str = "",
    ) -> None:
        if keep_days and not isinstance(rows, FirstArrivals):
            raise ValueError(
                "keep_days is for events: sessions expire with the events they are computed from"
            )
        self.columns = (
            [column.name for column in rows.table.columns]
            if isinstance(rows, FirstArrivals)
            else list(rows.columns)
        )
        shown: dict[str, object] = {
            **name.to_properties(),
            "TargetLagMinutes": str(target_lag_minutes),
            "Warehouse": warehouse,
            "Comment": comment,
        }
        if keep_days:
            shown["KeepDays"] = str(keep_days)
        super().__init__(
            scope,
            construct_id,
            provider=provider,
            resource_type=ResourceType.DYNAMIC_TABLE,
            name=name,
            properties={**shown, **rows.to_properties(), **_listed(rows, self.columns)},
            after=(rows.table if isinstance(rows, FirstArrivals) else rows.source,),
        )


def _listed(rows: FirstArrivals | Sessions, columns: list[str]) -> dict[str, list[str]]:
    """The columns as a property; those of sessions follow from their query."""
    return {"Columns": columns} if isinstance(rows, FirstArrivals) else {}
