"""What is in the table, told by the table itself."""

from __future__ import annotations

import json
from typing import Any

from snowflake.connector import SnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

from cli.event_rows import IS_EVENT
from cli.snowflake_login import one_row
from snowflake_setup.sql.identifiers import Identifier, ObjectName


def describe_rows(session: SnowflakeConnection, table: ObjectName) -> dict[str, Any]:
    """Counts of events as rows, distinct ones, files and types, and one question asked of the free properties."""
    with session.cursor() as cursor:
        rows, distinct, files, complete = one_row(
            cursor,
            'SELECT COUNT(*), COUNT(DISTINCT "EVENT_ID"), COUNT(DISTINCT "SOURCE_FILE"), '
            'COUNT_IF("SOURCE_FILE" IS NOT NULL AND "SOURCE_ROW" IS NOT NULL AND "LOADED_AT" IS NOT NULL) '
            f"FROM {table} WHERE {IS_EVENT}",
        )
        types = cursor.execute(
            f'SELECT "EVENT_TYPE", COUNT(*) FROM {table} WHERE {IS_EVENT} GROUP BY 1 ORDER BY 2 DESC'
        ).fetchall()
        return {
            "rows_loaded": int(rows),
            "distinct_event_ids": int(distinct),
            "files_loaded": int(files),
            "rows_with_file_row_and_load_time": int(complete),
            "event_types": {str(name): int(number) for name, number in types},
            "properties_by_path": _top_values(cursor, table),
        }


def _top_values(cursor: SnowflakeCursor, table: ObjectName) -> dict[str, Any]:
    """The most frequent values of one property, asked for by its path."""
    found = cursor.execute(
        f'SELECT "PROPERTIES" FROM {table} WHERE "PROPERTIES" IS NOT NULL AND {IS_EVENT} LIMIT 1'
    ).fetchone()
    keys = [key for key, value in json.loads(found[0]).items() if _can_be_asked(key, value)] if found else []
    if not keys:
        return {}
    path = f'"PROPERTIES":{Identifier(keys[0]).sql()}'
    rows = cursor.execute(
        f"SELECT {path}::VARCHAR, COUNT(*) FROM {table} WHERE {IS_EVENT} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3"
    ).fetchall()
    return {
        "path": f"properties:{keys[0]}",
        "most_frequent": {"NULL" if value is None else str(value): int(number) for value, number in rows},
    }


def _can_be_asked(key: str, value: object) -> bool:
    """Whether a path leads there: to a value, by a name that Snowflake can store."""
    return 1 <= len(key) <= 255 and key.isprintable() and not isinstance(value, dict | list)
