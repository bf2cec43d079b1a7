"""The page's session: its queries, and reconnecting after a restart of the stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laptop.page.stand_in import StandIn, StandInError
from laptop.page.tables import Table, latest_rows
from laptop.testing.snowflake import Account, KeyPair, Rows
from laptop.testing.waiting import eventually

TABLE = Table(name='"DB"."RAW"."CLICKS"', kind="table")


@pytest.fixture
def session(account: Account, admin_key: KeyPair, tmp_path: Path) -> Iterator[StandIn]:
    key = tmp_path / "admin.p8"
    key.write_text(admin_key.private)
    session = StandIn(port=account.server.port, private_key=key)
    yield session
    session.close()


def test_the_latest_rows_come_first_for_any_values(
    account: Account, piped: Callable[..., Rows], session: StandIn
) -> None:
    account.put("a.json", b'{"event_id": "a"}\n{"event_id": "<b>", "properties": {"x": null}}')
    eventually(lambda: latest_rows(session, TABLE, limit=5).count == 2)
    found = latest_rows(session, TABLE, limit=1)
    assert (found.count, found.ordered_by) == (2, "LOADED_AT")
    row = dict(zip(found.columns, found.rows[0], strict=True))
    assert (row["EVENT_ID"], row["SOURCE_ROW"], row["TIMESTAMP"]) == ("<b>", "2", None)


def test_the_session_is_reopened_after_a_restart_of_the_stand_in(
    account: Account, landing: Callable[..., Rows], session: StandIn
) -> None:
    assert latest_rows(session, TABLE, limit=5).count == 0
    port = account.server.port
    account.server.stop()
    with pytest.raises(StandInError, match=f"nothing answers on port {port}"):
        latest_rows(session, TABLE, limit=5)
    account.server = account.serve(port)
    assert latest_rows(session, TABLE, limit=5).count == 0


def test_a_refused_query_is_reported(account: Account, session: StandIn) -> None:
    with pytest.raises(StandInError, match="does not exist"):
        latest_rows(session, Table(name='"DB"."RAW"."NOTHING"', kind="table"), limit=5)
