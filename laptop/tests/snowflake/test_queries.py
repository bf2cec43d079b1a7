from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import Account, Rows
from laptop.testing.waiting import eventually

Run = Callable[..., Rows]
EVENTS: list[dict[str, Any]] = [
    {
        "event_id": "a",
        "timestamp": "2024-05-01T10:00:00Z",
        "properties": {"status": 200, "agent": {"os": ["X"]}},
    },
    {"event_id": "b", "timestamp": "2024-05-01T11:00:00Z", "properties": {"status": 404, "ref": "it's"}},
    {"event_id": "c", "timestamp": "2024-05-02T10:00:00Z", "properties": {"status": 200, "ref": None}},
]


@pytest.fixture
def query(account: Account, piped: Run) -> Run:
    account.put("a.json", "\n".join(map(json.dumps, EVENTS)).encode())
    piped('USE SCHEMA "DB"."RAW"')
    eventually(lambda: piped("SELECT COUNT(*) AS N FROM CLICKS") == [{"N": 3}])
    return piped


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            'SELECT "PROPERTIES":status::int AS S, COUNT(*) AS N FROM CLICKS GROUP BY 1 ORDER BY 1',
            [(200, 2), (404, 1)],
        ),
        ("SELECT properties:ref::string FROM clicks ORDER BY event_id", [(None,), ("it's",), (None,)]),
        ("SELECT c.properties:agent.os[0]::varchar FROM clicks c WHERE c.event_id = 'a'", [("X",)]),
        ("SELECT event_id FROM clicks WHERE properties:status = 404", [("b",)]),
        ("SELECT event_id FROM clicks WHERE properties:status > 99.5 AND properties:ref = 'it''s'", [("b",)]),
        ("SELECT COUNT(DISTINCT DATE_TRUNC('day', \"TIMESTAMP\")) FROM CLICKS", [(2,)]),
        ("WITH x AS (SELECT event_id, timestamp t FROM clicks) SELECT MAX(event_id) FROM x", [("c",)]),
        (
            "SELECT event_id FROM clicks QUALIFY ROW_NUMBER() OVER (PARTITION BY timestamp::date "
            "ORDER BY timestamp DESC) = 1 ORDER BY 1",
            [("b",), ("c",)],
        ),
        (
            "SELECT a.event_id FROM clicks a JOIN db.raw.clicks b USING (event_id) ORDER BY 1 LIMIT 1",
            [("a",)],
        ),
        ("SELECT IFF(COUNT(*) = COUNT(DISTINCT event_id), 'unique', 'doubled') FROM clicks", [("unique",)]),
        ("SELECT 1 AS A UNION ALL SELECT 2 ORDER BY A", [(1,), (2,)]),
    ],
)
def test_a_query_in_snowflakes_dialect(query: Run, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert [tuple(row.values()) for row in query(sql)] == expected


def test_columns_without_a_name_are_named_by_their_text(query: Run) -> None:
    assert list(query('SELECT COUNT(*), event_id AS e, "EVENT_ID" FROM clicks GROUP BY ALL LIMIT 1')[0]) == [
        "COUNT(*)",
        "E",
        "EVENT_ID",
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT MAX(properties:status) FROM clicks",
        "SELECT event_id FROM clicks ORDER BY properties:status",
        "SELECT f.value FROM clicks, LATERAL FLATTEN(input => properties) f",
        "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
        "SELECT * FROM INFORMATION_SCHEMA.TABLES",
        "SELECT TO_VARCHAR(timestamp, 'YYYY') FROM clicks",
        "SELECT SYSTEM$WHITELIST()",
        "MERGE INTO clicks USING clicks c ON 1 = 1 WHEN MATCHED THEN DELETE",
    ],
)
def test_queries_that_would_differ_from_snowflake_are_refused(query: Run, sql: str) -> None:
    with pytest.raises(ProgrammingError) as caught:
        query(sql)
    assert caught.value.errno in (2, 1003, 2140), str(caught.value)


def test_errors_name_the_table_not_its_storage(query: Run) -> None:
    with pytest.raises(ProgrammingError) as caught:
        query("SELECT event_id + properties FROM clicks")
    assert "table_" not in str(caught.value)


def test_a_comment_before_the_query_is_ignored(query: Run) -> None:
    assert query("-- who\n/* what */ SELECT 1 AS A") == [{"A": 1}]


@pytest.mark.parametrize(
    "name", ["$SET", "@x", " x", "a.b", ":x", "A;B", "select", "日本", 'say "hi"', "a\\b", "it's", "1"]
)
def test_any_characters_in_quotes_are_a_name(landing: Run, name: str) -> None:
    """https://docs.snowflake.com/en/sql-reference/identifiers-syntax."""
    landing('USE SCHEMA "DB"."RAW"')
    quoted = '"' + name.replace('"', '""') + '"'
    landing(
        f'CREATE TABLE {quoted} ("ID" VARCHAR, {quoted} VARCHAR)',
        f"INSERT INTO {quoted} VALUES ('1', 'v')",
        f"""CREATE VIEW "ONCE" AS SELECT "ID", {quoted} FROM "DB"."RAW".{quoted}
            QUALIFY ROW_NUMBER() OVER (PARTITION BY "ID" ORDER BY {quoted}) = 1""",
    )
    for source in (quoted, '"ONCE"'):
        assert landing(f"SELECT * FROM {source}") == [{"ID": "1", name: "v"}]
        assert landing(f"SELECT t.{quoted} FROM {source} t WHERE {quoted} = 'v'") == [{name: "v"}]
    assert [row["name"] for row in landing(f"DESC TABLE {quoted}")] == ["ID", name]
