"""Dynamic tables: rows as of the last refresh, privileges, and the vendor's conditions for incremental refreshes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import snowflake.connector

from laptop.snowflake import objects
from laptop.snowflake.objects import DynamicTable
from laptop.testing.snowflake import Account, Rows

Run = Callable[..., Rows]
OPTIONS = "TARGET_LAG = '5 minutes' WAREHOUSE = COMPUTE_WH REFRESH_MODE = INCREMENTAL INITIALIZE = ON_CREATE"
ONCE = (
    'SELECT EVENT_ID FROM "DB"."RAW"."CLICKS" '
    "QUALIFY ROW_NUMBER() OVER (PARTITION BY EVENT_ID ORDER BY SOURCE_ROW) = 1"
)


def create(query: str, name: str = '"DB"."RAW"."D"', rest: str = "") -> str:
    return f"CREATE OR REPLACE DYNAMIC TABLE {name} {OPTIONS} {rest} AS {query}"


def insert(run: Run, *ids: str) -> None:
    rows = ", ".join(f"('{each}', {number})" for number, each in enumerate(ids))
    run(f'INSERT INTO "DB"."RAW"."CLICKS" (EVENT_ID, SOURCE_ROW) VALUES {rows}')


def ids(run: Run) -> list[str]:
    return [row["EVENT_ID"] for row in run('SELECT EVENT_ID FROM "DB"."RAW"."D" ORDER BY 1')]


def test_rows_are_those_of_the_last_refresh(landing: Run) -> None:
    insert(landing, "a", "a")
    landing(create(ONCE, rest="CLUSTER BY (EVENT_ID) COMMENT = 'c'"))
    insert(landing, "b", "a")
    assert ids(landing) == ["a"]
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" REFRESH')
    assert ids(landing) == ["a", "b"]
    (row,) = landing('SHOW DYNAMIC TABLES LIKE \'D\' IN SCHEMA "DB"."RAW"')
    shown = [
        row[name] for name in ("target_lag", "refresh_mode", "scheduling_state", "cluster_by", "comment")
    ]
    assert shown == ["5 minutes", "INCREMENTAL", "ACTIVE", "LINEAR(EVENT_ID)", "c"]


def test_it_is_refreshed_when_its_rows_are_as_old_as_its_lag(
    landing: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing(create(ONCE))
    insert(landing, "a")
    later = objects.now() + dt.timedelta(minutes=4)
    monkeypatch.setattr(objects, "now", lambda: later)
    assert ids(landing) == []
    later += dt.timedelta(minutes=2)
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" SUSPEND')
    assert ids(landing) == []
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."D" RESUME')
    assert ids(landing) == ["a"]


def test_a_refresh_refreshes_what_it_reads(landing: Run) -> None:
    landing(create(ONCE), create("SELECT EVENT_ID FROM D", '"DB"."RAW"."E"'))
    insert(landing, "a")
    landing('ALTER DYNAMIC TABLE "DB"."RAW"."E" REFRESH')
    assert ids(landing) == ["a"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT EVENT_ID FROM CLICKS MINUS SELECT EVENT_ID FROM CLICKS", "EXCEPT and MINUS"),
        ("SELECT EVENT_ID FROM CLICKS INTERSECT SELECT EVENT_ID FROM CLICKS", "INTERSECT"),
        ("SELECT EVENT_ID FROM CLICKS WHERE EVENT_ID IN (SELECT EVENT_ID FROM CLICKS)", "subqueries outside"),
        ("SELECT C.EVENT_ID FROM CLICKS C WHERE EXISTS (SELECT 1 FROM CLICKS)", "subqueries outside"),
        ("SELECT (SELECT MAX(EVENT_ID) FROM CLICKS) AS M FROM CLICKS", "subqueries outside"),
        ("SELECT EVENT_ID FROM CLICKS SAMPLE (10)", "SAMPLE"),
        ("SELECT ANY_VALUE(EVENT_ID) AS A FROM CLICKS", "ANY_VALUE"),
        ("SELECT CURRENT_TIMESTAMP() AS T FROM CLICKS", "the current time outside of WHERE"),
        ("SELECT CURRENT_USER() AS U FROM CLICKS", "CURRENT_USER"),
        ("SELECT CURRENT_ROLE() AS R FROM CLICKS", "CURRENT_ROLE"),
        ("SELECT SEQ1() AS S FROM CLICKS", "function SEQ1"),
        ("SELECT OUR_FUNCTION(EVENT_ID) AS S FROM CLICKS", "function OUR_FUNCTION"),
        ("SELECT MEDIAN(SOURCE_ROW) AS S FROM CLICKS", "MEDIAN"),
        (
            "SELECT A.EVENT_ID FROM CLICKS A LEFT JOIN CLICKS B ON A.SOURCE_ROW < B.SOURCE_ROW",
            "outer joins with other conditions",
        ),
        (
            "SELECT RANK() OVER (ORDER BY SOURCE_ROW ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS R FROM CLICKS",
            "ranks with sliding window frames",
        ),
    ],
)
def test_what_the_vendor_does_not_refresh_incrementally_is_refused(
    landing: Run, query: str, told: str
) -> None:
    landing('USE SCHEMA "DB"."RAW"')
    with pytest.raises(snowflake.connector.ProgrammingError, match=told):
        landing(create(query))
    assert landing('SHOW DYNAMIC TABLES IN SCHEMA "DB"."RAW"') == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT EVENT_ID FROM CLICKS WHERE LOADED_AT > DATEADD(DAY, -1, CURRENT_TIMESTAMP())",
        "WITH C AS (SELECT EVENT_ID FROM CLICKS) SELECT EVENT_ID, COUNT(*) AS N FROM C GROUP BY EVENT_ID",
        "SELECT EVENT_ID FROM (SELECT EVENT_ID FROM CLICKS) UNION ALL SELECT EVENT_ID FROM CLICKS",
        "SELECT A.EVENT_ID FROM CLICKS A LEFT JOIN CLICKS B ON A.EVENT_ID = B.EVENT_ID",
        "SELECT LAG(EVENT_ID) OVER (PARTITION BY EVENT_ID ORDER BY SOURCE_ROW) AS BEFORE FROM CLICKS",
    ],
)
def test_what_the_vendor_refreshes_incrementally_is_accepted(landing: Run, query: str) -> None:
    landing('USE SCHEMA "DB"."RAW"', create(query))


def test_it_needs_its_privileges_and_keeps_its_grants(account: Account, landing: Run) -> None:
    admin = account.run
    admin(
        "ACCOUNTADMIN",
        "CREATE ROLE MAKER",
        "CREATE ROLE READER",
        "GRANT ROLE MAKER TO ROLE SYSADMIN",
        'GRANT USAGE ON DATABASE "DB" TO ROLE MAKER',
        'GRANT USAGE ON SCHEMA "DB"."RAW" TO ROLE MAKER',
        'GRANT SELECT ON TABLE "DB"."RAW"."CLICKS" TO ROLE MAKER',
    )
    for grant in ("USAGE ON WAREHOUSE COMPUTE_WH", 'CREATE DYNAMIC TABLE ON SCHEMA "DB"."RAW"'):
        with pytest.raises(Exception, match=r"privileges|not authorized"):
            admin("MAKER", create(ONCE))
        admin("ACCOUNTADMIN", f"GRANT {grant} TO ROLE MAKER")
    admin("MAKER", create(ONCE))
    admin(
        "MAKER",
        'GRANT SELECT ON DYNAMIC TABLE "DB"."RAW"."D" TO ROLE READER',
        create(ONCE, rest="COPY GRANTS"),
    )
    (table,) = account.engine.catalog.all(DynamicTable)
    assert {(grant.privilege, grant.role) for grant in account.engine.grants.on(table.id)} == {
        ("SELECT", "READER")
    }


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ('DELETE FROM "DB"."RAW"."D"', "DELETE on a dynamic table is not supported"),
        ('CREATE VIEW "DB"."RAW"."D" AS SELECT 1 AS A', "already exists"),
        ('CREATE DYNAMIC TABLE "DB"."RAW"."F" WAREHOUSE = COMPUTE_WH AS SELECT 1 AS A', "TARGET_LAG"),
        (create(ONCE).replace("5 minutes", "59 seconds"), "59 seconds"),
    ],
)
def test_what_it_does_not_take_is_refused(landing: Run, sql: str, told: str) -> None:
    landing(create(ONCE))
    with pytest.raises(snowflake.connector.ProgrammingError, match=told):
        landing(sql)
