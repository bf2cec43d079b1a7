"""Each identity of the deployed pipeline does what it must and is denied what it must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from laptop.testing.waiting import eventually
from tests.e2e.conftest import ROOT, Laptop, connect
from tests.least_privilege.acting import Keys, keys_of
from tests.least_privilege.attempt import Attempt, Identity
from tests.least_privilege.deployed import Deployed
from tests.least_privilege.furnishing import furnish
from tests.least_privilege.readers import ROLE
from tests.least_privilege.table import IDENTITIES

LOCAL = (ROOT / "config" / "local.toml").read_text()
# Customer keys everywhere, so that rights on keys are tried as well, and all that is off by default.
EVERYTHING = (
    LOCAL.replace('mode = "provisioned"', 'mode = "provisioned"\nencryption = "customer_key"')
    + """
[storage]
encryption = "kms"

[sample_producer]
enabled = true

[ci]
project_path = "my-group/clickstream"
"""
)
BY_ROLE = EVERYTHING + '\n[access]\nmode = "storage_integration"\nkeep_user = true\n'
CASES = [
    pytest.param(identity, attempt, id=f"{identity.name} {attempt.title}")
    # The one that needs another deployment comes last.
    for identity in sorted(IDENTITIES, key=lambda identity: identity is ROLE)
    for attempt in identity.attempts
]


class Scene:
    """The pipeline, deployed the way that has the identity in question."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self._config = ""
        self._keys: dict[str, Keys] = {}
        self.deploy(EVERYTHING)
        self._connect = partial(connect, laptop.settings())
        self.deployed = Deployed(self._connect, "clickstream-local-")
        self.places = furnish(
            self.deployed,
            login_secret="clickstream/local/snowflake-login",
            monitor_secret="clickstream/local/snowflake-monitor-login",
        )

    def deploy(self, config: str) -> None:
        if config != self._config:
            (self.laptop.config / "local.toml").write_text(config)
            self.laptop.run("up")
            self._config = config

    def attempt(self, identity: Identity, attempt: Attempt) -> object:
        self.deploy(BY_ROLE if identity is ROLE else EVERYTHING)
        keys = self._keys.get(identity.name) or keys_of(identity, self.deployed)
        self._keys[identity.name] = keys
        return attempt.call(lambda service: self._connect(service, **keys), self.places)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("local")
    (folder / "config").mkdir()
    laptop = replace(Laptop(folder / "state"), config=folder / "config")
    try:
        yield Scene(laptop)
    finally:
        laptop.run("down")
    assert laptop.processes() == []


def test_events_become_rows_through_customer_keys(scene: Scene) -> None:
    scene.laptop.run("send", "--count", "100")
    count = "SELECT COUNT(*) AS n FROM click_events WHERE NOT STARTSWITH(event_type, '_')"
    eventually(lambda: scene.laptop.query(count) == [{"N": 100}], within=60)


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
