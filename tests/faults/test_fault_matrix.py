"""Part of the fault matrix: the riskiest flows, one kind of fault at each boundary. `make faults` tries all."""

from __future__ import annotations

from functools import cache

import pytest

from laptop.testing.snowflake import KeyPair
from tests.faults.flows import FLOWS
from tests.faults.interference import Kind
from tests.faults.matrix import Rehearsal, rehearse, try_case

_BY_NAME = {flow.name: flow for flow in FLOWS}


@cache
def _key() -> KeyPair:
    return KeyPair()


@cache
def _rehearsal(flow: str) -> Rehearsal:
    return rehearse(_BY_NAME[flow], _key())


@pytest.mark.parametrize(
    ("flow", "kind"),
    [
        ("replace the pipe", "killed after"),
        ("create the Pipe", "error"),
        ("delete the Pipe", "lost answer"),
    ],
)
def test_a_fault_at_every_boundary_is_recovered_from(flow: str, kind: Kind) -> None:
    rehearsal = _rehearsal(flow)
    cases = list(rehearsal.cases([kind]))
    # The harder of two recoveries: without a rollback the repeated request must find out how far the first one got.
    again = [case for case in cases if case.recovery == "delivered again"]
    # A new process for each case is slow, and a killed query leaves nothing behind.
    if kind.startswith("killed"):
        again = [case for case in again if case.at.changes]
    verdicts = [try_case(case, rehearsal, _key()) for case in again or cases]
    assert any(verdict.struck for verdict in verdicts)
    assert {str(v.case): v.complaints for v in verdicts if v.complaints} == {}


def test_the_matrix_detects_a_lost_row_and_a_lost_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product that loses either would not pass."""
    rehearsal = _rehearsal("replace the pipe")
    monkeypatch.setattr("tests.faults.world.SETTLING_SECONDS", 2)
    monkeypatch.setattr("snowflake_setup.pipe.grants.Grants.restore", lambda *_: None)
    monkeypatch.setattr("snowflake_setup.pipe.backlog.Backlog.feed", lambda *_: None)
    (case, *_) = [case for case in rehearsal.cases(["error"]) if case.at.kind.startswith("LIST")]
    complaints = " ".join(try_case(case, rehearsal, _key()).complaints)
    # The monitor's grant on future pipes applies by itself.
    assert "not [('MONITOR', 'CLICKSTREAM_LOCAL_MONITOR'), ('MONITOR', 'WATCHERS')" in complaints
    assert "distinct events" in complaints
