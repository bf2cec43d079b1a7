"""`clickstream doctor`: green on a deployed laptop cloud, and exactly one check ill for each fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest

from cli.doctor.catalogue import CHECKS, chosen
from cli.doctor.check import Check, State, When
from cli.doctor.examination import Result, examine
from cli.doctor.patient import Patient
from cli.keys import KeyPair
from laptop.testing import waiting
from tests.e2e.laptop import Laptop, as_json, eventually
from tests.e2e.plain.conftest import ENV
from tests.e2e.plain.doctor_faults import FAULTS, Examined

# These are made ill in tests/unit/cli/test_doctor_*.py: by another config, or by what the laptop cannot play.
ELSEWHERE = {
    *("names", "front-door", "snowflake-login", "sample-producer", "kept-data"),
    *("dynamic-table", "one-day-query", "retention", "monitor-sleeps"),
}
# They look at what a pipeline has only after a while.
OLDER_ROWS = (
    "SELECT COUNT(*) AS n FROM click_events WHERE loaded_at < DATEADD(SECOND, -25, CURRENT_TIMESTAMP())"
)
_LAG_SECONDS = 60.0
PATIENT = ("newest-logins", "metrics", "history-delay", "lake-object")


@pytest.fixture(scope="module")
def examined(running: Laptop) -> Iterator[Examined]:
    """The deployment, once canaries have arrived and the monitor has run."""
    there = Examined(running)
    # Checking a private key takes longer than all else.
    with patch.object(KeyPair, "of_secret", cache(KeyPair.of_secret)):
        eventually(lambda: running.query(OLDER_ROWS)[0]["N"])
        eventually(
            lambda: {one.finding.state for one in look(there, *PATIENT)} <= {State.WELL, State.SKIPPED}
        )
        yield there


def look(there: Examined, *names: str) -> list[Result]:
    return run(there, chosen(names) if names else CHECKS)


def run(there: Examined, checks: tuple[Check, ...]) -> list[Result]:
    patient = Patient(there)
    try:
        return examine(patient, checks)
    finally:
        patient.close()


def ill(results: list[Result]) -> list[str]:
    return [f"{one.check.name}: {one.finding.found}" for one in results if one.finding.state is State.ILL]


def test_a_deployed_laptop_is_well(running: Laptop, examined: Examined, tmp_path: Path) -> None:
    found = as_json(running.run("doctor", "--env", ENV, "--json", "--report", str(tmp_path / "report.json")))
    assert found["well"]
    states = {one["name"]: (one["state"], one["found"]) for one in found["checks"]}
    assert not {name: told for name, (state, told) in states.items() if state in ("ill", "unknown")}
    not_here = [name for name, (_, told) in states.items() if "not on the laptop" in told]
    assert sorted(not_here) == ["loading-rules", "monitor-sleeps", "one-day-query", "sample-producer"]
    assert json.loads((tmp_path / "report.json").read_text())["checks"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault} -> {FAULTS[fault][0]}")
def test_a_fault_makes_its_check_ill_and_no_other(examined: Examined, fault: str) -> None:
    name, inject = FAULTS[fault]
    found: list[str] = []

    def only_its_check() -> bool:
        found[:] = ill(look(examined))
        return [told.partition(":")[0] for told in found] == [name]

    with inject(examined), suppress(AssertionError):
        # What Snowpipe and the monitor did during the fault before is seen until their next run.
        waiting.eventually(only_its_check, within=_LAG_SECONDS)
    # Also none of an earlier fault, which has been undone.
    assert [told.partition(":")[0] for told in found] == [name], found


def test_it_may_write_what_it_tidies_up(examined: Examined) -> None:
    patient = Patient(examined)
    names = [check.name for check in CHECKS if check.when is When.WRITE and not check.laptop]
    found = {one.check.name: one.finding for one in examine(patient, chosen(names), write=True)}
    patient.close()
    assert {name: found[name].found for name in names if found[name].state is not State.WELL} == {}
    listed = examined.client("s3").list_objects_v2(Bucket=examined.bucket)["Contents"]
    assert [one["Key"] for one in listed if "doctor" in one["Key"]] == []


def test_it_is_well_again_after_all_faults(examined: Examined) -> None:
    eventually(lambda: ill(look(examined)) == [])


def test_every_check_is_made_ill_by_a_fault() -> None:
    can_be_ill = {check.name for check in CHECKS if check.when in (When.BEFORE, When.AFTER)}
    assert can_be_ill == {name for name, _ in FAULTS.values()} | ELSEWHERE
