"""The laptop cloud of these files: the environment `local` with everything on that is off by default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documented import documented
from tests.e2e.laptop import ROOT, Laptop

# Customer managed keys everywhere, so that the rights to use them are tested as well.
_MORE = """
[storage]
encryption = "kms"

[sample_producer]
enabled = true
events_per_second = 40

[ci]
project_path = "my-group/clickstream"
"""
_ACCESS = {
    "user": "",
    "role and user": '\n[access]\nmode = "storage_integration"\nkeep_user = true\n',
    "role": '\n[access]\nmode = "storage_integration"\n',
}


class Pipeline(Laptop):
    """A laptop cloud with everything on, deployed as the test asks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state", folder / "config")
        self.config.mkdir()
        local = (ROOT / "config" / "local.toml").read_text()
        keyed = local.replace('mode = "provisioned"', 'mode = "provisioned"\nencryption = "customer_key"')
        assert keyed != local
        (orders,) = documented(ROOT / "docs" / "configuration.md", "toml")
        original = "contract/order_event.schema.json"
        self.order_contract = self.config / "order_event.schema.json"
        self.order_contract.write_text((ROOT / original).read_text())
        self._base = keyed + _MORE + orders.replace(original, str(self.order_contract))
        self._access: str | None = None
        self._deletable = False

    def deploy(self, access: str, *, deletable: bool = False) -> None:
        """Have Snowpipe read the lake by `user`, by `role`, or by `role and user`.

        `deletable` turns the second of the two switches that let a deployment delete events.
        """
        if access == self._access and self._deletable >= deletable:
            return
        before = self.cloud.status().servers
        (self.config / "local.toml").write_text(self._base + _ACCESS[access])
        if deletable:
            context = ("--context", "env=local", "--context", "allow_data_loss=true")
            self.cdk(
                "deploy", "--all", "--require-approval", "never", "--output", str(self.assembly), *context
            )
        else:
            assert "ready" in self.run("up")
        if self._access:
            assert self.cloud.status().servers == before, "`clickstream up` started a second process"
        self._access, self._deletable = access, deletable


@pytest.fixture(scope="package")
def as_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The laptop cloud with everything on, deployed as the last test left it."""
    pipeline = Pipeline(tmp_path_factory.mktemp("everything"))
    try:
        pipeline.deploy("user")
        yield pipeline
    finally:
        pipeline.shut()


@pytest.fixture
def pipeline(as_left: Pipeline) -> Pipeline:
    """The same, with the lake read by the IAM user, as most tests need it."""
    as_left.deploy("user")
    return as_left
