"""SQLAlchemy with Snowflake's dialect, in a process with its older connector."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Client = Callable[..., str]
SCRIPT = Path(__file__).parents[1] / "support" / "sqlalchemy_client.py"
COLUMNS = {
    "id": "VARCHAR(16777216)",
    "page": "VARCHAR(16777216)",
    "at": "TIMESTAMP_TZ",
    "price": "DECIMAL(8, 2)",
    "properties": "VARIANT",
}


@pytest.fixture(scope="module")
def answers(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client("python", str(SCRIPT)).splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("rows", [["a", "1.50"]]),
        ("bound value", [[2]]),
        ("variant", [[7]]),
        ("by hour", [["2026-11-01 10:00:00+00:00", 1], ["2026-11-01 11:00:00+00:00", 2]]),
        ("flatten", [["n", 1], ["os", 3]]),
        ("tables", ["clicks"]),
        ("views", ["clicks_once"]),
        ("columns", COLUMNS),
        ("keys", []),
        ("table exists", [True, False]),
        ("reflected", list(COLUMNS)),
        ("expression", [["cart", 1], ["home", 1]]),
        ("commit and roll back", [None, None]),
        ("create, change, drop", 3),
    ],
)
def test_an_answer(answers: dict[str, Any], question: str, expected: Any) -> None:
    assert answers[question] == expected


@pytest.mark.parametrize(
    ("question", "voice"),
    [
        (
            "change in a transaction",
            "The laptop's stand-in cannot run this: INSERT while AUTOCOMMIT is FALSE",
        ),
        ("mistake", "invalid identifier 'NOPE'"),
    ],
)
def test_an_error(answers: dict[str, Any], question: str, voice: str) -> None:
    assert voice in " ".join(answers[question])
