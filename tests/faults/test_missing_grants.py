"""The deploying role needs every grant of the bootstrap SQL; without one, the error names the missing privilege."""

from __future__ import annotations

import re

import pytest

from cli.bootstrap_sql import bootstrap_sql
from cli.service_logins import KeyPairLogin, Purpose, service_user
from laptop.testing.snowflake import KeyPair
from tests.faults.cloudformation import Stack
from tests.faults.flows import LANDING
from tests.faults.invocation import Answer, invoke
from tests.faults.templates import ORDER
from tests.faults.world import CONFIG, World, statements, world

_GRANT = re.compile(r"GRANT (?P<what>.+?) (?P<where>ON .+ )?TO (?P<whom>ROLE|USER) (?P<name>\S+)")
# Only a pipe that has loaded something cannot be replaced without it.
_FOR_REPLACEMENT = "REVOKE USAGE ON WAREHOUSE"


def revocations(purpose: Purpose) -> list[str]:
    """A REVOKE for each privilege that the bootstrap SQL grants to a service user's role, and for the role itself."""
    service, found = service_user(CONFIG, purpose), []
    for statement in statements(bootstrap_sql(CONFIG, KeyPairLogin("no key"), KeyPairLogin("no key"))):
        match = _GRANT.fullmatch(statement)
        # SYSADMIN gets the role so that people see the objects; a deployment does not need that.
        if match and match["name"].strip('"') in (service.role, service.user):
            found += [
                f"REVOKE {privilege} {match['where'] or ''}FROM {match['whom']} {match['name']}"
                for privilege in match["what"].split(", ")
            ]
    return found


def deploy(there: World) -> tuple[Stack, Answer | None]:
    """Create everything; return the first failure."""
    stack = Stack(lambda event: invoke(event, there.settings, seconds=20))
    for logical_id in ORDER:
        answer = stack.create(logical_id, LANDING[logical_id])
        if answer.status != "ok":
            return stack, answer
    return stack, None


@pytest.fixture(scope="module")
def key() -> KeyPair:
    return KeyPair()


def test_a_deployment_succeeds_with_all_grants(key: KeyPair) -> None:
    with world(key) as there:
        assert deploy(there)[1] is None


@pytest.mark.parametrize(
    "revoked", [r for r in revocations(Purpose.DEPLOY) if not r.startswith(_FOR_REPLACEMENT)]
)
def test_the_error_names_the_missing_grant(key: KeyPair, revoked: str) -> None:
    with world(key) as there:
        there.run("ACCOUNTADMIN", revoked)
        _, answer = deploy(there)
    assert answer is not None, f"a deployment works without this grant: {revoked}"
    assert answer.status == "failed"
    what, _, whom = revoked.removeprefix("REVOKE ").rpartition(" FROM ")
    named = what if whom.startswith("ROLE") else "the role is not granted to the user"
    assert named in answer.reason
    assert "bootstrap SQL" in answer.reason


def test_a_pipe_with_loaded_files_is_not_replaced_without_a_warehouse(key: KeyPair) -> None:
    (revoked,) = (r for r in revocations(Purpose.DEPLOY) if r.startswith(_FOR_REPLACEMENT))
    other = {**LANDING["Pipe"], "OnError": "SKIP_FILE"}
    with world(key) as there:
        stack, failure = deploy(there)
        assert failure is None
        there.run("ACCOUNTADMIN", revoked)
        there.land()
        assert there.settle() == (1, 1)
        before = there.snapshot()
        answer = stack.update("Pipe", other)
        assert answer.status == "failed"
        assert "USAGE ON WAREHOUSE" in answer.reason
        assert "bootstrap SQL" in answer.reason
        assert there.snapshot() == before
        there.run("ACCOUNTADMIN", revoked.replace("REVOKE", "GRANT").replace(" FROM ", " TO "))
        assert stack.update("Pipe", other).status == "ok"
        there.land()
        assert there.settle() == (2, 2)
