"""The monitor needs every grant of the bootstrap SQL; without one, the error names the missing privilege.

Its grants are in bulk, made before or after the objects exist: both orders are tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.bootstrap_sql import bootstrap_sql
from cli.service_logins import KeyPairLogin, Purpose
from laptop.testing.snowflake import KeyPair
from tests.faults.flows import LANDING
from tests.faults.monitoring import PIPE, STAGE, TABLE, Run, deployed, run_monitor
from tests.faults.test_missing_grants import revocations
from tests.faults.world import CONFIG, World, statements

ROLE = f'"{CONFIG.snowflake.monitor_role}"'
# Bulk grants, and the privilege that the error about a single object names.
_ONE_OBJECT = {"MONITOR ON FUTURE PIPES": "MONITOR ON PIPE", "SELECT ON FUTURE TABLES": "SELECT ON TABLE"}


@pytest.fixture(scope="module")
def key() -> KeyPair:
    return KeyPair()


@pytest.fixture(scope="module")
def there(key: KeyPair) -> Iterator[World]:
    """A landing for the tests after which it is as before."""
    with deployed(key) as made:
        yield made


@contextmanager
def without_grant(key: KeyPair, there: World, revoked: str) -> Iterator[World]:
    """A landing whose monitor lacks one grant: `there`, or a new one for a grant on objects to come."""
    if " ON FUTURE " in revoked:
        with deployed(key, revoked) as made:
            yield made
        return
    there.run("ACCOUNTADMIN", revoked)
    try:
        yield there
    finally:
        there.run("ACCOUNTADMIN", revoked.replace("REVOKE", "GRANT").replace(" FROM ", " TO "))


def both_jobs(there: World, patch: pytest.MonkeyPatch) -> list[Run]:
    return [run_monitor(patch, job, there.settings) for job in ("status", "history")]


def test_both_jobs_succeed_with_all_grants(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    there.land()
    assert there.settle() == (1, 1)
    status, history = both_jobs(there, monkeypatch)
    assert (status.failure, history.failure) == ("", "")
    assert status.published == {
        ("clicks", "PipeRunning"): [1],
        ("clicks", "PendingFiles"): [0],
        ("clicks", "OldestPendingFileAge"): [0],
    }
    assert sum(history.published["clicks", "FilesLoaded"]) == 1


@pytest.mark.parametrize(
    "revoked", [revoked for revoked in revocations(Purpose.MONITOR) if " ON ALL " not in revoked]
)
def test_a_run_fails_and_names_the_missing_grant(
    key: KeyPair, there: World, monkeypatch: pytest.MonkeyPatch, revoked: str
) -> None:
    with without_grant(key, there, revoked) as lacking:
        failures = "; ".join(run.failure for run in both_jobs(lacking, monkeypatch) if run.failure)
    assert failures, f"the monitor works without this grant: {revoked}"
    what, _, whom = revoked.removeprefix("REVOKE ").rpartition(" FROM ")
    named = what.split(" IN SCHEMA")[0] if whom.startswith("ROLE") else "the role is not granted to the user"
    if named.startswith("USAGE ON WAREHOUSE"):
        named = "USAGE ON WAREHOUSE"
    assert _ONE_OBJECT.get(named, named) in failures
    assert "bootstrap SQL" in failures


def test_the_pipe_status_is_published_without_a_warehouse(
    key: KeyPair, there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (revoked,) = (r for r in revocations(Purpose.MONITOR) if "WAREHOUSE" in r)
    with without_grant(key, there, revoked) as lacking:
        status, history = both_jobs(lacking, monkeypatch)
    assert (status.failure, status.published["clicks", "PipeRunning"]) == ("", [1])
    assert "No active warehouse selected" in history.failure


@pytest.mark.parametrize("left_out", [None, "SELECT ON ALL TABLES", "MONITOR ON PIPE"])
def test_an_existing_pipeline_can_be_monitored(
    key: KeyPair, monkeypatch: pytest.MonkeyPatch, left_out: str | None
) -> None:
    """The bootstrap SQL run again, with the grants on single pipes that it prints as comments."""
    login = KeyPairLogin(key.public_body)
    script = bootstrap_sql(CONFIG, login, login).replace("-- GRANT MONITOR ON PIPE", "GRANT MONITOR ON PIPE")
    script = script.replace(f'"{CONFIG.snowflake.pipe}"', f'"{LANDING["Pipe"]["Name"]}"')
    again = [s for s in statements(script) if left_out is None or left_out not in s]
    assert len(again) == len(statements(script)) - (left_out is not None)
    with deployed(key, f"DROP ROLE {ROLE}") as there:
        assert all(run.failure for run in both_jobs(there, monkeypatch))
        there.run("ACCOUNTADMIN", *again)
        failures = "; ".join(run.failure for run in both_jobs(there, monkeypatch) if run.failure)
    assert bool(failures) == (left_out is not None)
    assert (left_out or "").replace("ALL TABLES", "TABLE") in failures


def test_the_monitor_can_change_nothing(there: World) -> None:
    schema = f'"{CONFIG.snowflake.database}"."{CONFIG.snowflake.schema_name}"'
    before = there.snapshot()
    for statement in (
        f"DELETE FROM {TABLE}",
        f"INSERT INTO {TABLE} (EVENT_ID) VALUES ('x')",
        f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE",
        f"ALTER PIPE {PIPE} REFRESH",
        f"DROP TABLE {TABLE}",
        f"CREATE TABLE {schema}.T (A INT)",
        f"LIST @{STAGE}",
    ):
        with pytest.raises(Exception, match=r"Insufficient privileges|does not exist or not authorized"):
            there.run(CONFIG.snowflake.monitor_role, statement)
    assert there.snapshot() == before
