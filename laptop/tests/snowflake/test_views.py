from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.errors import STAND_IN
from laptop.testing.snowflake import Account, KeyPair, Rows, runner
from laptop.testing.waiting import eventually

Run = Callable[..., Rows]
FIRST_ARRIVALS = """SELECT "EVENT_ID", "EVENT_TYPE", "PROPERTIES", "TIMESTAMP" FROM "DB"."RAW"."CLICKS"
    WHERE NOT STARTSWITH(COALESCE("EVENT_TYPE", ''), '_') QUALIFY "EVENT_ID" IS NULL OR ROW_NUMBER()
    OVER (PARTITION BY "EVENT_ID" ORDER BY "LOADED_AT", "SOURCE_FILE", "SOURCE_ROW") = 1"""
CREATE = f"""CREATE VIEW IF NOT EXISTS "DB"."RAW"."FIRST" COMMENT = 'each click once' AS {FIRST_ARRIVALS}"""
REPLACE = f"""CREATE OR REPLACE VIEW "DB"."RAW"."FIRST" COPY GRANTS COMMENT = '' AS {FIRST_ARRIVALS}"""


def errno(run: Run, sql: str) -> int:
    with pytest.raises(ProgrammingError) as caught:
        run(sql)
    number: int = caught.value.errno
    return number


@pytest.fixture
def viewed(account: Account, piped: Run) -> Run:
    """A view of first arrivals over a table with duplicate, keyless and canary rows."""
    piped(
        'ALTER TABLE "DB"."RAW"."CLICKS" ADD COLUMN "EVENT_TYPE" VARCHAR',
        CREATE,
        'USE SCHEMA "DB"."RAW"',
    )
    first = [
        {"event_id": "a", "event_type": "click", "properties": {"n": 1}, "timestamp": "2024-05-01T10:00:00Z"},
        {"event_id": "a", "event_type": "click", "properties": {"n": 2}},
        {"event_id": "c", "event_type": "_canary"},
        {"event_id": "", "event_type": None},
    ]
    account.put("1.json", "\n".join(map(json.dumps, first)).encode())
    eventually(lambda: piped("SELECT COUNT(*) AS N FROM CLICKS") == [{"N": 4}])
    again = [{"event_id": "a", "event_type": "click", "properties": {"n": 3}}, {"event_id": "d"}]
    account.put("2.json", "\n".join(map(json.dumps, again)).encode())
    eventually(lambda: piped("SELECT COUNT(*) AS N FROM CLICKS") == [{"N": 6}])
    return piped


def test_the_view_shows_the_first_arrival_of_each_event_and_no_canary(viewed: Run) -> None:
    rows = viewed("SELECT event_id, properties:n::int AS n FROM first ORDER BY event_id")
    assert [(row["EVENT_ID"], row["N"]) for row in rows] == [("", None), ("a", 1), ("d", None)]
    assert viewed("SELECT COUNT(*) AS N FROM FIRST f JOIN CLICKS c USING (event_id)") == [{"N": 5}]


def test_rows_without_a_key_are_all_kept(landing: Run) -> None:
    landing(
        'CREATE TABLE "DB"."RAW"."T" ("K" VARCHAR, "AT" NUMBER, "KIND" VARCHAR)',
        """INSERT INTO "DB"."RAW"."T" VALUES (NULL, 1, NULL), (NULL, 1, 'x'), ('a', 2, 'x'), ('a', 1, 'y')""",
    )
    landing(
        """CREATE VIEW "DB"."RAW"."FIRST" AS SELECT "K", "KIND" FROM "DB"."RAW"."T"
        QUALIFY "K" IS NULL OR ROW_NUMBER() OVER (PARTITION BY "K" ORDER BY "AT") = 1"""
    )
    rows = landing('SELECT * FROM "DB"."RAW"."FIRST" ORDER BY 1, 2')
    assert sorted((str(r["K"]), str(r["KIND"])) for r in rows) == [
        ("None", "None"),
        ("None", "x"),
        ("a", "y"),
    ]


def test_types_are_kept(viewed: Run) -> None:
    rows = viewed("DESC VIEW FIRST")
    assert [(row["name"], row["type"]) for row in rows] == [
        ("EVENT_ID", "VARCHAR(16777216)"),
        ("EVENT_TYPE", "VARCHAR(16777216)"),
        ("PROPERTIES", "VARIANT"),
        ("TIMESTAMP", "TIMESTAMP_TZ(9)"),
    ]
    assert viewed("DESC TABLE FIRST") == rows


def test_show_has_the_text_and_the_comment(viewed: Run) -> None:
    (row,) = viewed("""SHOW VIEWS LIKE 'FIRST' IN SCHEMA "DB"."RAW" """)
    assert (row["name"], row["owner"], row["comment"]) == ("FIRST", "SYSADMIN", "each click once")
    assert row["text"] == CREATE
    assert viewed("SHOW TABLES IN SCHEMA DB.RAW")[0]["name"] == "CLICKS"


def test_a_reader_of_the_view_needs_no_privilege_on_the_table(
    account: Account, viewed: Run, other_key: KeyPair
) -> None:
    admin = runner(account.connect())
    admin(
        "CREATE ROLE READER",
        f"CREATE USER ANA RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = READER "
        "DEFAULT_WAREHOUSE = COMPUTE_WH",
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE READER",
        "GRANT ROLE READER TO USER ANA",
        "GRANT USAGE ON DATABASE DB TO ROLE READER",
        "GRANT USAGE ON SCHEMA DB.RAW TO ROLE READER",
    )
    reader = runner(account.connect("ANA", other_key))
    count = "SELECT COUNT(*) AS N FROM DB.RAW.FIRST"
    assert errno(reader, count) == 2003
    viewed("GRANT SELECT ON VIEW FIRST TO ROLE READER")
    assert reader(count) == [{"N": 3}]
    assert errno(reader, "SELECT * FROM DB.RAW.CLICKS") == 2003
    assert errno(reader, "SELECT * FROM DB.RAW.FIRST JOIN DB.RAW.CLICKS USING (event_id)") == 2003
    assert errno(reader, "DROP VIEW DB.RAW.FIRST") == 3001
    viewed(REPLACE)
    assert reader(count) == [{"N": 3}], "COPY GRANTS"
    viewed("CREATE OR REPLACE VIEW FIRST AS SELECT EVENT_ID FROM CLICKS")
    assert errno(reader, count) == 2003
    viewed("GRANT SELECT ON VIEW FIRST TO ROLE READER", 'GRANT OWNERSHIP ON TABLE CLICKS TO ROLE "PUBLIC"')
    assert reader(count) == [{"N": 6}]


def test_only_its_owner_sees_the_text_of_a_view(account: Account, viewed: Run) -> None:
    viewed('GRANT SELECT ON VIEW FIRST TO ROLE "PUBLIC"', 'GRANT USAGE ON DATABASE DB TO ROLE "PUBLIC"')
    viewed('GRANT USAGE ON SCHEMA DB.RAW TO ROLE "PUBLIC"')
    (row,) = runner(account.connect(role="PUBLIC"))("SHOW VIEWS IN SCHEMA DB.RAW")
    assert (row["name"], row["text"]) == ("FIRST", None)


def test_get_ddl_shows_policies_and_tags_and_replacing_the_view_drops_them(
    account: Account, viewed: Run
) -> None:
    viewed("USE WAREHOUSE COMPUTE_WH")
    definition = 'SELECT GET_DDL(\'VIEW\', \'"DB"."RAW"."FIRST"\') AS D'
    assert viewed(definition)[0]["D"].startswith("create or replace view FIRST(\n\tEVENT_ID,")
    viewed(
        "ALTER VIEW FIRST MODIFY COLUMN EVENT_ID SET MASKING POLICY DB.RAW.HIDE",
        "ALTER VIEW FIRST ADD ROW ACCESS POLICY DB.RAW.MINE ON (EVENT_TYPE)",
        "ALTER VIEW FIRST SET TAG DB.RAW.COST = 'x'",
        "ALTER VIEW FIRST SET COMMENT = 'it''s kept'",
    )
    hidden, named = (
        viewed(definition)[0]["D"],
        runner(account.connect(warehouse="COMPUTE_WH"))(definition)[0]["D"],
    )
    for text, names in (
        (hidden, ["#unknown_policy"] * 2 + ["#unknown_tag="]),
        (named, ["DB.RAW.HIDE", "DB.RAW.MINE", "DB.RAW.COST="]),
    ):
        assert f"EVENT_ID WITH MASKING POLICY {names[0]},\n\tEVENT_TYPE,\n" in text
        assert f") WITH ROW ACCESS POLICY {names[1]} WITH TAG ({names[2]}" in text
        assert "COMMENT='it''s kept'\n as SELECT" in text
    viewed(
        "ALTER VIEW FIRST MODIFY COLUMN EVENT_ID UNSET MASKING POLICY",
        "ALTER VIEW FIRST UNSET TAG DB.RAW.COST",
    )
    assert viewed(definition)[0]["D"].count(" WITH ") == 1
    viewed(REPLACE)
    assert " WITH " not in viewed(definition)[0]["D"]
    assert errno(viewed, "ALTER VIEW FIRST MODIFY COLUMN NOPE SET MASKING POLICY P") == 904
    assert errno(viewed, "SELECT GET_DDL('TABLE', 'CLICKS')") == STAND_IN


def test_the_view_fails_without_its_owners_privileges(account: Account, viewed: Run) -> None:
    admin = runner(account.connect())
    admin("CREATE ROLE OTHER", "GRANT OWNERSHIP ON TABLE DB.RAW.CLICKS TO ROLE OTHER")
    with pytest.raises(ProgrammingError, match="Failure during expansion of view 'FIRST'") as caught:
        viewed("SELECT * FROM FIRST")
    assert caught.value.errno == 2037


def test_create_view_is_a_separate_privilege(account: Account, landing: Run, other_key: KeyPair) -> None:
    admin = runner(account.connect())
    admin(
        "CREATE ROLE MAKER",
        f"CREATE USER ANA RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = MAKER "
        "DEFAULT_WAREHOUSE = COMPUTE_WH",
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE MAKER",
        "GRANT ROLE MAKER TO USER ANA",
        "GRANT USAGE ON DATABASE DB TO ROLE MAKER",
        "GRANT USAGE, CREATE TABLE ON SCHEMA DB.RAW TO ROLE MAKER",
    )
    maker = runner(account.connect("ANA", other_key))
    create = "CREATE VIEW DB.RAW.V AS SELECT EVENT_ID FROM DB.RAW.CLICKS"
    assert errno(maker, create) == 3001
    admin("GRANT CREATE VIEW ON SCHEMA DB.RAW TO ROLE MAKER")
    assert errno(maker, create) == 2003
    admin("GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE MAKER")
    maker(create)
    assert maker("SELECT * FROM DB.RAW.V") == []


def test_a_view_on_a_star_breaks_when_its_table_grows_and_a_list_does_not(viewed: Run) -> None:
    viewed("CREATE VIEW STAR AS SELECT * FROM CLICKS", "CREATE VIEW LISTED AS SELECT EVENT_ID FROM CLICKS")
    viewed("ALTER TABLE CLICKS ADD COLUMN REFERRER VARCHAR")
    with pytest.raises(
        ProgrammingError, match=r"declared 9 column\(s\), but view query produces 10"
    ) as caught:
        viewed("SELECT * FROM STAR")
    assert caught.value.errno == 2057
    assert viewed("SELECT COUNT(*) AS N FROM LISTED") == [{"N": 6}]


def test_views_on_views_renamed_columns_and_aliases(viewed: Run) -> None:
    viewed(
        "CREATE VIEW COUNTED (KIND COMMENT 'what it is', N) COMMENT = 'how often' AS "
        "SELECT event_type, COUNT(*) FROM first GROUP BY 1",
        "CREATE VIEW OUTER_VIEW AS WITH first AS (SELECT kind, n FROM counted) SELECT * FROM first",
    )
    assert viewed("SELECT kind, n FROM counted c WHERE c.n = 1 AND kind = 'click'") == [
        {"KIND": "click", "N": 1}
    ]
    assert viewed("SELECT x.n FROM outer_view AS x WHERE x.kind = 'click'") == [{"N": 1}]
    assert viewed("DESC VIEW COUNTED")[0]["comment"] == "what it is"
    assert viewed("WITH w AS (SELECT * FROM first) SELECT COUNT(*) AS N FROM w") == [{"N": 3}]


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("CREATE VIEW FIRST AS SELECT EVENT_ID FROM CLICKS", 2002),
        ("CREATE VIEW CLICKS AS SELECT 1 AS A", 2002),
        ("CREATE OR REPLACE VIEW CLICKS AS SELECT 1 AS A", 1998),
        ("CREATE OR REPLACE TABLE FIRST (A INT)", 1998),
        ("CREATE OR REPLACE VIEW FIRST AS SELECT * FROM FIRST", 2019),
        ("CREATE VIEW V AS SELECT COUNT(*) FROM CLICKS", 2026),
        ("CREATE VIEW V (A, B) AS SELECT EVENT_ID FROM CLICKS", 2057),
        ("CREATE VIEW V AS SELECT NOPE FROM CLICKS", 904),
        ("CREATE VIEW V AS SELECT * FROM NOPE", 2003),
        ("CREATE VIEW V AS DELETE FROM CLICKS", STAND_IN),
        ("CREATE VIEW V SECURE = TRUE AS SELECT 1 AS A", STAND_IN),
        ("CREATE SECURE VIEW V AS SELECT 1 AS A", STAND_IN),
        ("CREATE VIEW V AS SELECT 1 AS A; DROP TABLE CLICKS", 8),
        ("INSERT INTO FIRST VALUES ('x')", 2003),
        ("GRANT INSERT ON VIEW FIRST TO ROLE PUBLIC", 3008),
        ("ALTER VIEW FIRST RENAME TO SECOND", STAND_IN),
    ],
)
def test_invalid_views_are_refused(viewed: Run, sql: str, number: int) -> None:
    assert errno(viewed, sql) == number
    assert viewed("SELECT COUNT(*) AS N FROM CLICKS") == [{"N": 6}]


def test_drop_and_comment(viewed: Run) -> None:
    viewed("ALTER VIEW FIRST SET COMMENT = 'new'")
    assert viewed("SHOW VIEWS")[0]["comment"] == "new"
    viewed(
        "CREATE VIEW IF NOT EXISTS FIRST AS SELECT 1 AS A",
        "CREATE VIEW IF NOT EXISTS CLICKS AS SELECT 1 AS A",
    )
    viewed("DROP VIEW IF EXISTS FIRST", "DROP VIEW IF EXISTS FIRST")
    assert errno(viewed, "DESC VIEW FIRST") == 2003


def test_views_survive_a_restart(account: Account, viewed: Run) -> None:
    account.restart()
    run = runner(account.connect(role="SYSADMIN"))
    assert run("SELECT COUNT(*) AS N FROM DB.RAW.FIRST") == [{"N": 3}]
