"""`clickstream send --spool`: what the stream refuses is sent by a later send."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from producer import RetryPolicy, SendOptions, Spool
from tests.integration.producer.command import run, sent

pytestmark = pytest.mark.usefixtures("wire", "at_work_on_dev")


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producer.SendOptions", partial(SendOptions, retry=RetryPolicy(attempts=1)))


def test_what_is_refused_is_sent_by_the_next_send(wire: Any) -> None:
    wire.script = [(503, {"__type": "ServiceUnavailableException", "message": "later"})] * 99
    code, output = run("--count", "5", "--seed", "1", "--spool", "clicks.spool")
    assert code == 3, output
    assert "5 events wait in clicks.spool" in output
    assert [path.name for path in Path().iterdir()] == ["clicks.spool"]

    wire.script.clear()
    wire.requests.clear()
    code, output = run("--count", "2", "--seed", "2", "--spool", "clicks.spool", "--json")
    account = json.loads(output)
    assert code == 0
    assert (account["drained"], account["sent"], account["spooled"]) == (5, 2, 0)
    assert len(sent(wire)) == 7


def test_a_spool_that_is_in_use_is_named(wire: Any) -> None:
    with Spool(Path("clicks.spool")):
        code, output = run("--count", "1", "--spool", "clicks.spool")
    assert code == 1
    assert "the spool clicks.spool is in use by another process; name another" in output
    assert wire.requests == []
