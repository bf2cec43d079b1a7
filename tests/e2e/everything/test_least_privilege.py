"""Each identity of the deployed pipeline can do what it must, and is denied what it must not do."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.e2e.everything.conftest import Pipeline
from tests.least_privilege.acting import Keys, keys_of
from tests.least_privilege.attempt import Attempt, Identity
from tests.least_privilege.deployed import Deployed
from tests.least_privilege.readers import ROLE
from tests.least_privilege.table import IDENTITIES
from tests.least_privilege.targets import add_targets

CASES = [
    pytest.param(identity, attempt, id=f"{identity.name} {attempt.title}")
    # The identity that needs another deployment comes last.
    for identity in sorted(IDENTITIES, key=lambda identity: identity is ROLE)
    for attempt in identity.attempts
]


class Scene:
    """The pipeline, deployed so that the tested identity exists."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._keys: dict[str, Keys] = {}
        self.deployed = Deployed(pipeline.client, "clickstream-local-")
        self.places = add_targets(
            self.deployed,
            login_secret="clickstream/local/snowflake-login",
            monitor_secret="clickstream/local/snowflake-monitor-login",
        )

    def attempt(self, identity: Identity, attempt: Attempt) -> object:
        self.pipeline.deploy("role and user" if identity is ROLE else "user")
        keys = self._keys.get(identity.name) or keys_of(identity, self.deployed)
        self._keys[identity.name] = keys
        return attempt.call(lambda service: self.pipeline.client(service, keys), self.places)


@pytest.fixture(scope="module")
def scene(as_left: Pipeline) -> Scene:
    as_left.deploy("user")
    return Scene(as_left)


def test_events_become_rows_through_customer_keys(pipeline: Pipeline) -> None:
    rows, distinct = pipeline.rows()
    pipeline.run("send", "--count", "100")
    pipeline.arrived(rows + 100, distinct + 100)


@pytest.mark.parametrize(("identity", "attempt"), CASES)
def test_an_identity_can_do_its_work_and_nothing_else(
    scene: Scene, identity: Identity, attempt: Attempt
) -> None:
    if attempt.allowed:
        scene.attempt(identity, attempt)
        return
    with pytest.raises(ClientError) as denied:
        scene.attempt(identity, attempt)
    error = denied.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException")
    assert f"not authorized to perform: {attempt.action}" in error["Message"]
