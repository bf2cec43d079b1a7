"""Both ways for Snowpipe to read the lake, and a live environment switched from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from laptop.testing.waiting import eventually
from tests.e2e.conftest import ROOT, Laptop

LOCAL = (ROOT / "config" / "local.toml").read_text()


@pytest.fixture
def configured(laptop: Laptop, tmp_path: Path) -> Callable[[str], Laptop]:
    """The laptop with config/local.toml and more of it."""

    def configure(more: str) -> Laptop:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "local.toml").write_text(LOCAL + more)
        return replace(laptop, config=tmp_path / "config")

    return configure


def counts(laptop: Laptop) -> tuple[int, int]:
    (row,) = laptop.query(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT event_id) AS d FROM click_events WHERE NOT STARTSWITH(event_type, '_')"
    )
    return int(row["N"]), int(row["D"])


def test_a_live_stage_is_switched_to_an_integration_and_back(configured: Callable[[str], Laptop]) -> None:
    by_user = configured("")
    by_user.run("up")
    by_user.run("send", "--count", "300", "--seed", "1")
    eventually(lambda: counts(by_user) == (300, 300), within=60)

    by_role = configured('\n[access]\nmode = "storage_integration"\nkeep_user = true\n')
    by_role.run("up")
    by_role.run("send", "--count", "200", "--seed", "2")
    eventually(lambda: counts(by_role) == (500, 500), within=60)
    without_user = configured('\n[access]\nmode = "storage_integration"\n')
    without_user.run("up")
    without_user.run("send", "--count", "100", "--seed", "3")
    eventually(lambda: counts(without_user) == (600, 600), within=60)

    back = configured("")
    back.run("up")
    back.run("send", "--count", "50", "--seed", "4")
    eventually(lambda: counts(back) == (650, 650), within=60)
    (view,) = back.query("SELECT COUNT(*) AS n FROM click_events_deduplicated")
    assert view["N"] == 650
