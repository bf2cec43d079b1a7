"""Lines that the stand-in refuses are listed once, whichever sources name them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.plan.forecast import OwnSession
from cli.rejects.lake import RejectLake
from cli.rejects.loads import LoadRejects, text_of
from config.files import load_config
from config.model import PipelineConfig
from laptop.testing.snowflake import COPY, LANDING, PIPE, Account, KeyPair
from laptop.testing.waiting import eventually
from tests.unit.cli.rejects.lakes import Bucket

FOLDER = "dt=2026-11-22/hh=10"
LINES = [
    b'{"event_id": "1"}',
    b'{"event_id": "2", "timestamp": "yesterday"}',
    b"{bad",
    b'{"event_id": "4"}',
]
ON = 'ALTER TABLE "DB"."RAW"."CLICKS" SET ERROR_LOGGING = TRUE'


@pytest.fixture(name="account")
def _account(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path, KeyPair())
    account.run("ACCOUNTADMIN", *LANDING, 'ALTER FILE FORMAT "DB"."RAW"."JSON" SET MULTI_LINE = FALSE')
    yield account
    account.close_connections()
    account.server.stop()


def config() -> PipelineConfig:
    names = {"database": "DB", "schema": "RAW", "table": "CLICKS", "pipe": "PIPE"}
    values = load_config("dev").model_dump(by_alias=True)
    return PipelineConfig.model_validate(values | {"snowflake": values["snowflake"] | names})


def land(account: Account, bucket: Bucket, name: str) -> None:
    body = b"\n".join(LINES)
    bucket.put(f"events/{FOLDER}/{name}", body)
    account.put(f"{FOLDER}/{name}", body)
    eventually(lambda: name in str(account.run("ACCOUNTADMIN", HISTORY)))


HISTORY = """SELECT FILE_NAME FROM TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '"DB"."RAW"."CLICKS"',
    START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))"""


@pytest.mark.parametrize(
    ("tables", "history"),
    [
        ("before the pipe", "kept"),
        ("after the first file", "kept"),
        ("never", "kept"),
        ("after the first file", "forgotten"),
    ],
)
def test_each_refused_row_is_listed_once(account: Account, tables: str, history: str) -> None:
    bucket = Bucket()
    lake = RejectLake(bucket, "lake")
    if tables == "before the pipe":
        account.run("ACCOUNTADMIN", ON)
    account.run("ACCOUNTADMIN", PIPE)
    land(account, bucket, "a.json")
    if tables == "after the first file":
        account.run("ACCOUNTADMIN", ON)
        account.engine.loader.error_tables.delay = timedelta(0)
    land(account, bucket, "b.json")
    if history == "forgotten":
        account.run("ACCOUNTADMIN", f"CREATE OR REPLACE PIPE {PIPE.split(' ')[2]} AS {COPY}")
    now = datetime.now(UTC)
    session = OwnSession(account.connect(role="ACCOUNTADMIN", warehouse="COMPUTE_WH"))
    found = list(
        LoadRejects(session, lake, config()).entries(
            [config().event_stream("clicks")], now - timedelta(hours=1), now
        )
    )
    listed = [(entry.key.removeprefix(f"events/{FOLDER}/"), entry.reason, [*entry.lines]) for entry in found]
    if history == "kept":
        for name in ("a.json", "b.json"):
            assert [each[1:] for each in listed if each[0] == name] == [
                ("row_refused", [2]),
                ("row_refused", [3]),
                ("not_read", [4]),
            ]
        assert [text_of(entry, lake) for entry in found if len(entry.lines) == 1] == LINES[1:] * 2
        return
    assert sorted(listed) == [("b.json", "row_refused", []), ("b.json", "row_refused", [2])]
