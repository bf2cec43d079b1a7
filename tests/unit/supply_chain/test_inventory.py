"""The inventory speaks of what is installed, or not at all."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from supply_chain import inventory as subject
from supply_chain.inventory import Environment, MissingPackageError, Use
from supply_chain.locks import Pin


def test_a_package_that_is_not_installed_is_told() -> None:
    with pytest.raises(MissingPackageError, match=r"no-such-thing 1\.0 is locked and not installed"):
        subject._installed(Pin(name="no-such-thing", version="1.0"), Use.CHECKING, {}, Environment())


def test_another_version_than_the_locked_one_is_told() -> None:
    with pytest.raises(
        MissingPackageError, match=f"pytest 1.0 is locked, {metadata.version('pytest')} is installed"
    ):
        subject._installed(Pin(name="pytest", version="1.0"), Use.CHECKING, {}, Environment())


def test_a_tool_has_an_environment_of_its_own(tmp_path: Path) -> None:
    about = tmp_path / "lib" / "python3.11" / "site-packages" / "pytest-1.0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text(
        "Metadata-Version: 2.4\nName: pytest\nVersion: 1.0\nLicense-Expression: ISC\nRequires-Dist: six\n"
    )
    tool = Environment(name="tool", folder=tmp_path, verb="make tool")
    locked = {"six": Pin(name="six", version="1.17.0")}
    found = subject._installed(Pin(name="pytest", version="1.0"), Use.CHECKING, locked, tool)
    assert (found.key, found.stated, found.needs) == ("pypi:tool/pytest", ("ISC",), ("pypi:tool/six",))
    with pytest.raises(MissingPackageError, match=r"six 1\.17\.0 is locked and not installed; `make tool`"):
        subject._installed(locked["six"], Use.CHECKING, {}, tool)


def test_what_an_extra_needs_is_needed() -> None:
    requires = ["a", "b; extra == 'more'", "c; extra == 'other'", "d; python_version < '3'"]
    assert subject._needs(requires, []) == {"a"}
    assert subject._needs(requires, ["more"]) == {"a", "b"}
