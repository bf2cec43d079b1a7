"""The deploying role holds what the bootstrap SQL grants and nothing it can do without; what is missing is named."""

from __future__ import annotations

import re

import pytest

from cli.bootstrap_sql import KeyPairLogin, bootstrap_sql
from tests.faults.cloudformation import Stack
from tests.faults.flows import LANDING
from tests.faults.invocation import Answer, invoke
from tests.faults.templates import ORDER
from tests.faults.world import CONFIG, statements, world
from tests.integration.stand_in.support import KeyPair

_GRANT = re.compile(r"GRANT (?P<what>.+?) (?P<where>ON \S+ \S+ )?TO (?P<whom>ROLE|USER) (?P<name>\S+)")


def _revocations() -> list[str]:
    """REVOKE for each single privilege that the bootstrap SQL gives the deploying role, or gives it to the user."""
    found = []
    for statement in statements(bootstrap_sql(CONFIG, KeyPairLogin("no key"))):
        match = _GRANT.fullmatch(statement)
        # SYSADMIN gets the role so that people see the objects; a deployment does not use that.
        if match and match["name"] != "SYSADMIN":
            found += [
                f"REVOKE {privilege} {match['where'] or ''}FROM {match['whom']} {match['name']}"
                for privilege in match["what"].split(", ")
            ]
    return found


def _deploy(key: KeyPair, *revoked: str) -> Answer | None:
    """Create everything; the first failure."""
    with world(key) as there:
        there.run("ACCOUNTADMIN", *revoked)
        stack = Stack(lambda event: invoke(event, there.settings, seconds=20))
        for logical_id in ORDER:
            answer = stack.create(logical_id, LANDING[logical_id])
            if answer.status != "ok":
                return answer
    return None


@pytest.fixture(scope="module")
def key() -> KeyPair:
    return KeyPair()


def test_with_all_of_them_a_deployment_goes_through(key: KeyPair) -> None:
    assert _deploy(key) is None


@pytest.mark.parametrize("revoked", _revocations())
def test_without_one_of_them_the_message_names_it(key: KeyPair, revoked: str) -> None:
    answer = _deploy(key, revoked)
    assert answer is not None, f"a deployment does without what this takes away: {revoked}"
    assert answer.status == "failed"
    what, _, whom = revoked.removeprefix("REVOKE ").rpartition(" FROM ")
    named = what if whom.startswith("ROLE") else "the role is not granted to the user"
    assert named in answer.reason
    assert "bootstrap SQL" in answer.reason
