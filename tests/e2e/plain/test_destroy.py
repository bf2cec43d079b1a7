"""Destroying the stacks keeps the events, unless both deletion switches are on."""

from __future__ import annotations

from tests.e2e.laptop import Laptop
from tests.e2e.plain.conftest import ENV


def test_one_deletion_switch_keeps_the_table(running: Laptop) -> None:
    rows, distinct = running.rows()
    running.run("send", "--count", "50", "--env", ENV)
    kept = (rows + 50, distinct + 50)
    running.arrived(*kept)
    running.cdk("destroy", "--all", "--force", "--app", str(running.assembly))
    assert running.rows() == kept
    assert "not deployed" in running.run("status", "--env", ENV, code=3)
