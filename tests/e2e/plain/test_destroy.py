"""What is left once the stacks are destroyed: the events, unless both keys to their loss were turned."""

from __future__ import annotations

from tests.e2e.laptop import Laptop
from tests.e2e.plain.conftest import ENV


def test_one_key_is_not_enough_to_lose_the_table(running: Laptop) -> None:
    rows, distinct = running.rows()
    running.run("send", "--count", "50", "--env", ENV)
    kept = (rows + 50, distinct + 50)
    running.arrived(*kept)
    running.cdk("destroy", "--all", "--force", "--app", str(running.assembly))
    assert running.rows() == kept
    assert "not deployed" in running.run("status", "--env", ENV, code=3)
