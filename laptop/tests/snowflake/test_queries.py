from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

from laptop.snowflake.errors import STAND_IN
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
        (
            "SELECT f.key, COUNT(*) FROM clicks, LATERAL FLATTEN(INPUT => properties) f GROUP BY f.key ORDER BY 1",
            [("agent", 1), ("ref", 2), ("status", 3)],
        ),
        (
            "SELECT value::string, index FROM clicks c, TABLE(FLATTEN(c.properties:agent.os)) WHERE event_id = 'a'",
            [("X", 0)],
        ),
        (
            "SELECT f.value::int FROM clicks, LATERAL FLATTEN(properties) f WHERE f.value = '404'",
            [(404,)],
        ),
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
        "SELECT event_id FROM clicks ORDER BY properties",
        "SELECT f.value FROM clicks, LATERAL FLATTEN(INPUT => properties, OUTER => TRUE) f",
        "SELECT * FROM clicks, LATERAL FLATTEN(INPUT => properties) f",
        "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
        "SELECT * FROM INFORMATION_SCHEMA.TABLES",
        "SELECT TO_VARCHAR(timestamp, 'YYYY') FROM clicks",
        "SELECT GET_DDL('TABLE', 'CLICKS')",
        "SELECT event_id + properties FROM clicks",
        "SELECT SYSTEM$WHITELIST()",
        "SELECT event_id FROM clicks WHERE",
        "MERGE INTO clicks USING clicks c ON 1 = 1 WHEN MATCHED THEN DELETE",
        "CREATE VIEW v AS SELECT NO_FUNCTION(event_id) AS x FROM clicks",
        "BEGIN",
    ],
)
def test_limits_of_the_stand_in_speak_in_its_own_name(query: Run, sql: str) -> None:
    with pytest.raises(ProgrammingError) as caught:
        query(sql)
    assert (caught.value.errno, caught.value.sqlstate) == (STAND_IN, "LAP00")
    assert "The laptop's stand-in cannot run this: " in caught.value.msg
    assert "table_" not in caught.value.msg  # the name of the table's storage


@pytest.mark.parametrize(
    ("sql", "code", "told"),
    [
        ("SELECT nope FROM clicks", "000904 (42000)", "SQL compilation error:\ninvalid identifier 'NOPE'"),
        ("SELECT c.nope FROM clicks c", "000904 (42000)", "invalid identifier 'NOPE'"),
        ("SELECT nope.event_id FROM clicks", "000904 (42000)", "invalid identifier"),
        ("SELECT 1 FROM nope", "002003 (42S02)", "'DB.RAW.NOPE' does not exist or not authorized."),
        ("SELECT event_id::int FROM clicks", "100038 (22018)", "Numeric value 'a' is not recognized"),
        (
            "SELECT properties:ref::int FROM clicks",
            "100038 (22018)",
            "Numeric value 'it's' is not recognized",
        ),
        ("SELECT 1 / 0", "100051 (22012)", "Division by zero"),
        (
            "SELECT 7 % (COUNT(*) - COUNT(*)) FROM clicks",
            "100051 (22012)",
            "Division by zero",
        ),
        ("SELECT event_id::boolean FROM clicks", "100037 (22018)", "Boolean value 'a' is not recognized"),
        ("SELECT event_id::date FROM clicks", "100040 (22007)", "Date 'a' is not recognized"),
        ("SELECT event_id::timestamp FROM clicks", "100035 (22007)", "Timestamp 'a' is not recognized"),
        (
            "INSERT INTO clicks (event_id) SELECT NULL",
            "100072 (22000)",
            "NULL result in a non-nullable column",
        ),
        (
            "SELECT event_id, COUNT(*) FROM clicks",
            "000979 (42601)",
            "[EVENT_ID] is not a valid group by expression",
        ),
        (
            "SELECT 1; SELECT 2",
            "000008 (0A000)",
            "Actual statement count 2 did not match the desired statement count 1.",
        ),
    ],
)
def test_mistakes_get_snowflakes_error(query: Run, sql: str, code: str, told: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        query(sql)
    assert str(caught.value).startswith(code)
    assert told in caught.value.msg
    assert "laptop" not in caught.value.msg


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
