from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import DatabaseError, Error

from laptop.testing.snowflake import Account, Rows, runner

Run = Callable[..., Rows]


def ask(account: Account, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{account.server.port}{path}", data=data, method=method
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def order(account: Account, **fault: Any) -> None:
    ask(account, "POST", "/faults", [fault])


def test_health(account: Account) -> None:
    assert ask(account, "GET", "/health") == {"status": "ok"}


def test_an_unavailable_answer_is_retried_by_the_connector(account: Account, run: Run) -> None:
    order(account, match="CREATE DATABASE", kind="http_503", times=2)
    run("CREATE DATABASE DB")
    assert ask(account, "GET", "/faults") == []


def test_a_lost_answer_does_not_run_a_statement_twice(account: Account, landing: Run) -> None:
    order(account, match="INSERT", kind="lost_answer")
    landing("INSERT INTO DB.RAW.CLICKS (EVENT_ID) VALUES ('once')")
    assert ask(account, "GET", "/faults") == []
    assert landing("SELECT EVENT_ID FROM DB.RAW.CLICKS") == [{"EVENT_ID": "once"}]


def test_a_cut_connection_is_retried_by_the_connector(account: Account, landing: Run) -> None:
    order(account, match="INSERT", kind="cut", probability=0.5, seed=3, times=2)
    for number in range(8):
        landing(f"INSERT INTO DB.RAW.CLICKS (EVENT_ID) VALUES ('{number}')")
    assert ask(account, "GET", "/faults") == []
    assert len(landing("SELECT EVENT_ID FROM DB.RAW.CLICKS")) == 8


def test_an_expired_session_is_renewed_by_the_connector(account: Account, run: Run) -> None:
    order(account, match="SELECT", kind="expired_session")
    assert run("SELECT 1 AS A") == [{"A": 1}]
    assert ask(account, "GET", "/faults") == []
    assert run("SELECT CURRENT_ROLE() AS R") == [{"R": "SYSADMIN"}]


def test_an_error_is_injected_the_requested_number_of_times(account: Account, run: Run) -> None:
    order(account, match="CREATE DATABASE", kind="error", errno=604, sqlstate="57014", message="canceled")
    with pytest.raises(DatabaseError) as caught:
        run("CREATE DATABASE DB")
    assert (caught.value.errno, caught.value.sqlstate) == (604, "57014")
    run("CREATE DATABASE DB")


def test_a_refused_login(account: Account) -> None:
    order(account, match="LOGIN ADMIN", kind="error", errno=390144, message="JWT token is invalid.")
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        account.connect()
    account.connect()


def test_a_hanging_statement_ends_with_the_clients_timeout(account: Account) -> None:
    connection = account.connect(role="SYSADMIN", query_timeout=1)
    order(account, match="CREATE DATABASE", kind="hang", seconds=30)
    with pytest.raises(Error):
        runner(connection)("CREATE DATABASE DB")


def test_a_hanging_statement_ends_with_the_servers_timeout(account: Account) -> None:
    run = runner(account.connect(session_parameters={"STATEMENT_TIMEOUT_IN_SECONDS": 1}))
    order(account, match="CREATE DATABASE", kind="hang", seconds=60)
    with pytest.raises(DatabaseError, match=r"timeout of 1 second\(s\) and was canceled") as caught:
        run("CREATE DATABASE DB")
    assert caught.value.errno == 630


def test_faults_can_be_removed(account: Account, run: Run) -> None:
    order(account, kind="error", times=9)
    ask(account, "DELETE", "/faults")
    assert run("SELECT 1 AS A") == [{"A": 1}]


def test_an_invalid_fault_is_refused(account: Account) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        order(account, kind="earthquake")
