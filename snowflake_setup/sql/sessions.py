"""Sessions: the query of visits, which half an hour of silence ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snowflake_setup.sql.identifiers import Identifier, ObjectName

_SILENCE_SECONDS = 1800


@dataclass(frozen=True)
class Sessions:
    """One row a session: a visit, or a part of it between two silences of more than half an hour.

    A late event may join two sessions, or begin another: they follow from the events that are there. EVENT_DATE is that
    of the first event. Everything in it can be refreshed incrementally.
    https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries

    Attributes:
        table: the view or dynamic table with each event once.
        types: none: the columns' types are those of the functions.
    """

    table: ObjectName

    @property
    def types(self) -> dict[str, str]:
        """The columns whose types are compared."""
        return {}

    def sql(self, columns: Iterable[Identifier]) -> str:
        """The query; its columns are always the same."""
        window = 'OVER (PARTITION BY "SESSION_ID" ORDER BY "TIMESTAMP", "EVENT_ID"'
        silence = f'DATEDIFF(SECOND, LAG("TIMESTAMP") {window}), "TIMESTAMP") > {_SILENCE_SECONDS}'
        shown = '"SESSION_ID", "TIMESTAMP", "EVENT_ID", "EVENT_TYPE", "PAGE_ID", "PLATFORM", "EVENT_DATE"'
        return (
            'SELECT "SESSION_ID", "PART", MIN("TIMESTAMP") AS "STARTED", MAX("TIMESTAMP") AS "ENDED", '
            'DATEDIFF(SECOND, MIN("TIMESTAMP"), MAX("TIMESTAMP")) AS "SECONDS", '
            'COUNT_IF("EVENT_TYPE" = \'page_view\') AS "PAGES", '
            'MIN_BY("PLATFORM", "TIMESTAMP") AS "PLATFORM", MIN_BY("PAGE_ID", "TIMESTAMP") AS "LANDING_PAGE", '
            'MAX_BY("PAGE_ID", "TIMESTAMP") AS "EXIT_PAGE", MIN("EVENT_DATE") AS "EVENT_DATE" FROM ('
            f'SELECT {shown}, SUM("AFTER_SILENCE") {window} '
            'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "PART" '
            f'FROM (SELECT {shown}, IFF({silence}, 1, 0) AS "AFTER_SILENCE" FROM {self.table.sql()} '
            'WHERE "SESSION_ID" IS NOT NULL)) GROUP BY "SESSION_ID", "PART"'
        )

    def sql_in_parts(self, columns: Iterable[Identifier]) -> str:
        """The same query, for a dynamic table."""
        return self.sql(columns)
