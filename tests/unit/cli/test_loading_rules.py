"""The doctor's questions about loading: the answers it calls the laptop's are the stand-in's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from snowflake.connector import DictCursor

from cli.doctor.check import State
from cli.doctor.checks.loading_rules import CHECKS, QUESTIONS
from cli.doctor.examination import examine
from cli.doctor.patient import Patient
from laptop.testing.snowflake import KEY_ID, SECRET, Account, KeyPair
from tests.unit.cli.test_doctor_checks import COMPLETE, Stub

LAKE = f"URL = 's3://lake/events/' CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' AWS_SECRET_KEY = '{SECRET}')"


class WithAnInternalStage(Patient):
    """Statements run in the stand-in, with a folder of the lake as the internal stage."""

    def __init__(self, account: Account) -> None:
        super().__init__(Stub({"Landing": COMPLETE}, {}))
        self.account = account
        self.session = account.connect()

    def run(self, sql: str) -> list[dict[str, Any]]:
        if put := re.match(r"PUT '(file://.*)' @[^/]*/(\S+)", sql):
            file = Path(unquote(urlsplit(put[1]).path))
            self.account.put(f"{put[2]}{file.name}", file.read_bytes(), notify=False)
            return []
        sql = sql.replace("TEMPORARY ", "")
        if sql.startswith("CREATE OR REPLACE STAGE"):
            sql += f" {LAKE}"
        with closing(self.session.cursor(DictCursor)) as cursor:
            return [{str(key).lower(): value for key, value in row.items()} for row in cursor.execute(sql)]


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WithAnInternalStage]:
    monkeypatch.setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
    account = Account(tmp_path / "state", KeyPair())
    patient = WithAnInternalStage(account)
    for sql in (
        "CREATE DATABASE CLICKSTREAM_TEST",
        "CREATE SCHEMA RAW",
        "CREATE FILE FORMAT CLICK_EVENTS_JSON TYPE = JSON STRIP_OUTER_ARRAY = TRUE MULTI_LINE = FALSE",
    ):
        patient.run(sql)
    yield patient
    account.close_connections()
    account.server.stop()


def test_the_stand_in_gives_the_answers_of_the_laptop(patient: Patient) -> None:
    (result,) = examine(patient, CHECKS, write=True)
    assert result.finding.found == f"{len(QUESTIONS)} of {len(QUESTIONS)} as on the laptop"


def test_another_answer_is_told_and_is_no_fault(
    patient: WithAnInternalStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = patient.run
    monkeypatch.setattr(patient, "run", lambda sql: [{"n": 2}] if "COUNT" in sql else run(sql))
    (result,) = examine(patient, CHECKS, write=True)
    assert result.finding.state is State.WELL
    assert "a line that is not JSON: 2 rows, on the laptop 1 row" in result.finding.found
