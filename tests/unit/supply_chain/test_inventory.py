"""The inventory speaks of what is installed, or not at all."""

from __future__ import annotations

from importlib import metadata

import pytest

from supply_chain import inventory as subject
from supply_chain.inventory import MissingPackageError, Use
from supply_chain.locks import Pin


def test_a_package_that_is_not_installed_is_told() -> None:
    with pytest.raises(MissingPackageError, match=r"no-such-thing 1\.0 is locked and not installed"):
        subject._installed(Pin(name="no-such-thing", version="1.0"), Use.CHECKING, {})


def test_another_version_than_the_locked_one_is_told() -> None:
    with pytest.raises(
        MissingPackageError, match=f"pytest 1.0 is locked, {metadata.version('pytest')} is installed"
    ):
        subject._installed(Pin(name="pytest", version="1.0"), Use.CHECKING, {})


def test_what_an_extra_needs_is_needed() -> None:
    requires = ["a", "b; extra == 'more'", "c; extra == 'other'", "d; python_version < '3'"]
    assert subject._needs(requires, []) == {"a"}
    assert subject._needs(requires, ["more"]) == {"a", "b"}
