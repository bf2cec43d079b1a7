"""The laptop cloud of these files: config/local-direct.toml as it is, with every option at its default."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.laptop import Laptop

ENV = "local-direct"


@pytest.fixture(scope="package")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A laptop cloud that the first test starts."""
    laptop = Laptop(tmp_path_factory.mktemp("plain") / "state", env=ENV)
    try:
        yield laptop
    finally:
        laptop.shut()


@pytest.fixture(scope="package")
def running(plain: Laptop) -> Laptop:
    """The same, with the pipeline deployed."""
    assert "ready" in plain.run("up", "--env", ENV)
    return plain
