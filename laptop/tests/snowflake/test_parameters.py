"""Parameters of the account and of sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.errors import STAND_IN
from laptop.testing.snowflake import COPY, KEY_ID, LANDING, PIPE, SECRET, Account, Rows, runner
from laptop.testing.waiting import eventually

Run = Callable[..., Rows]
KEY = f"CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' AWS_SECRET_KEY = '{SECRET}')"
FORBIDDEN = "with direct credentials.* has been forbidden"


@pytest.fixture
def admin(account: Account) -> Run:
    return runner(account.connect())


def shown(run: Run, name: str, scope: str = "SESSION") -> tuple[str, str]:
    (row,) = run(f"SHOW PARAMETERS LIKE '{name}' IN {scope}")
    return row["value"], row["level"]


def test_a_session_has_its_own_value_else_the_accounts(account: Account, admin: Run, run: Run) -> None:
    name = "STATEMENT_TIMEOUT_IN_SECONDS"
    assert shown(run, name) == ("172800", "")
    admin(f"ALTER ACCOUNT SET {name} = 60")
    assert (shown(run, name), shown(run, name, "ACCOUNT")) == (("60", "ACCOUNT"), ("60", "ACCOUNT"))
    given = runner(account.connect(session_parameters={name: 17}))
    assert shown(given, name) == ("17", "SESSION")
    given(f"ALTER SESSION UNSET {name}")
    assert shown(given, name) == ("60", "ACCOUNT")
    account.restart()
    assert shown(runner(account.connect()), name) == ("60", "ACCOUNT")


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("ALTER ACCOUNT SET STATEMENT_TIMEOUT_IN_SECONDS = 1", 3001),
        ("ALTER SESSION SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION = TRUE", STAND_IN),
        ("ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = MAYBE", 1008),
        ("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 'x'", 1008),
        ("ALTER SESSION SET ROWS_PER_RESULTSET = 5", STAND_IN),
    ],
)
def test_wrong_or_unknown_parameters_are_refused(run: Run, sql: str, number: int) -> None:
    with pytest.raises(ProgrammingError) as caught:
        run(sql)
    assert caught.value.errno == number


def test_without_autocommit_rows_can_be_read_and_not_changed(account: Account, landing: Run) -> None:
    landing('USE SCHEMA "DB"."RAW"')
    landing("ALTER SESSION SET AUTOCOMMIT = FALSE")
    landing("CREATE TABLE T (A INT)", "COMMIT", "ROLLBACK")
    assert landing("SELECT COUNT(*) AS N FROM T") == [{"N": 0}]
    for change in ("INSERT INTO T VALUES (1)", f"{COPY} ON_ERROR = CONTINUE"):
        with pytest.raises(
            ProgrammingError, match=r"stand-in cannot run this.* set AUTOCOMMIT = TRUE"
        ) as caught:
            landing(change)
        assert caught.value.errno == STAND_IN
    landing("ALTER SESSION SET AUTOCOMMIT = TRUE", "INSERT INTO T VALUES (1)")
    assert landing("SELECT COUNT(*) AS N FROM T") == [{"N": 1}]


def test_an_account_can_forbid_stages_with_keys(admin: Run, run: Run) -> None:
    run(*LANDING)
    admin("ALTER ACCOUNT SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION = TRUE")
    for sql in (
        f"CREATE STAGE DB.RAW.S URL = 's3://lake/events/' {KEY}",
        "CREATE STAGE DB.RAW.S URL = 's3://lake/events/'",
        f"ALTER STAGE DB.RAW.LAKE SET {KEY}",
    ):
        with pytest.raises(ProgrammingError, match=FORBIDDEN):
            run(sql)
    run("ALTER STAGE DB.RAW.LAKE SET COMMENT = 'there before'", PIPE)


def test_an_account_can_forbid_loading_with_keys(account: Account, admin: Run, run: Run) -> None:
    run(*LANDING, PIPE)
    admin("ALTER ACCOUNT SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION = TRUE")
    with pytest.raises(ProgrammingError, match=FORBIDDEN):
        run(PIPE.replace("CREATE PIPE", "CREATE OR REPLACE PIPE"))
    account.put("1.json", b'{"event_id": "1"}')
    eventually(lambda: FORBIDDEN.split(".*")[0] in str(run("SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')")))
    admin("ALTER ACCOUNT UNSET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION")
    eventually(lambda: run('SELECT EVENT_ID FROM "DB"."RAW"."CLICKS"') == [{"EVENT_ID": "1"}])


def test_quoted_names_fold_where_the_account_says_so(account: Account, admin: Run) -> None:
    admin("CREATE DATABASE DB", 'CREATE TABLE DB.PUBLIC."t" ("a""b" VARCHAR)')
    admin("ALTER ACCOUNT SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE")
    folding = runner(account.connect())
    with pytest.raises(ProgrammingError, match=r"DB\.PUBLIC\.T"):
        folding('SELECT * FROM DB.PUBLIC."t"')
    folding('CREATE TABLE DB.PUBLIC."t" ("a" VARCHAR COMMENT \'"stays"\')')
    (column,) = folding("DESC TABLE DB.PUBLIC.T")
    assert (column["name"], column["comment"]) == ("A", '"stays"')
    exact = runner(account.connect(session_parameters={"QUOTED_IDENTIFIERS_IGNORE_CASE": False}))
    assert exact('SELECT "a""b" FROM DB.PUBLIC."t"') == []
