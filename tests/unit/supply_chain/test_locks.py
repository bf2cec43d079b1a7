"""What is installed is what was locked, by its hash, on laptops, in CI and in Lambda bundles."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from supply_chain.locks import (
    DEPLOYED,
    EVERYTHING,
    HASHED,
    NODE,
    NPM,
    OPERATED,
    ROOT,
    LockError,
    npm_pins,
    python_pins,
)

SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def _lock(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    return path


@pytest.mark.parametrize("lock", HASHED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_has_a_version_and_hashes(lock: Path) -> None:
    pins = python_pins(lock)
    assert pins
    assert all(SHA256.fullmatch(text) for pin in pins.values() for text in pin.hashes)
    assert all(pin.hashes for pin in pins.values())


def test_no_lock_is_forgotten() -> None:
    elsewhere = {"node_modules", "cdk.out", "build"}  # and in hidden folders: environments, clones, caches
    found = {path.relative_to(ROOT) for path in ROOT.rglob("requirements*.txt")}
    ours = {
        path for path in found if not any(part in elsewhere or part.startswith(".") for part in path.parts)
    }
    assert ours == {path.relative_to(ROOT) for path in (*HASHED, OPERATED)}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("six==1.17.0", "six==1.17.0 has no hash"),
        ("six>=1.17.0 --hash=sha256:" + "0" * 64, "names no exact version"),
        ("-e .", "names no exact version"),
        ("six=1.17", "is not understood"),
        ("tomli==2.6.0 --hash=sha256:" + "0" * 64, "tomli is locked twice"),
    ],
)
def test_what_does_not_lock_is_refused_with_the_reason(line: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(LockError, match=problem) as refused:
        python_pins(_lock(tmp_path, f"tomli==2.5.0 --hash=sha256:{'1' * 64}\n{line}\n"))
    assert "make lock" in str(refused.value)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LockError) as refused:
        python_pins(_lock(tmp_path, "six==1.17.0\ntomli==2.5.0\n"))
    assert str(refused.value).count("has no hash") == 2


@pytest.mark.parametrize("lock", DEPLOYED, ids=lambda path: path.parent.name)
def test_what_is_deployed_has_the_versions_that_are_tested(lock: Path) -> None:
    everything, pins = python_pins(EVERYTHING), python_pins(lock)
    assert {name: pin.version for name, pin in pins.items()} == {
        name: everything[name].version for name in pins
    }


def test_the_plain_list_and_the_hashed_one_agree() -> None:
    everything = python_pins(EVERYTHING)
    plain = python_pins(OPERATED, hashed=False)
    assert {name: pin.version for name, pin in plain.items()} == {
        name: everything[name].version for name in plain
    }


def test_the_build_backend_is_the_locked_one() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert needed == [f"hatchling=={python_pins(EVERYTHING)['hatchling'].version}"]


def test_npm_packages_have_integrity_hashes_and_come_from_a_registry() -> None:
    assert all(pin.integrity.startswith("sha512-") for pin in npm_pins())
    entries = json.loads(NPM.read_text())["packages"].values()
    assert all(entry.get("resolved", "https://").startswith("https://") for entry in entries)


def test_an_npm_package_without_integrity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(
        '{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}'
    )
    with pytest.raises(LockError, match="a has no version or no integrity"):
        npm_pins(tmp_path / "package-lock.json")


def test_npm_dependencies_are_found_as_node_finds_them(tmp_path: Path) -> None:
    def entry(*needs: str) -> dict[str, object]:
        return {"version": "1.0.0", "integrity": "sha512-AA==", "dependencies": dict.fromkeys(needs, "1")}

    packages = {
        "": {},
        "node_modules/a": entry("b", "c"),
        "node_modules/a/node_modules/b": entry("c"),
        "node_modules/b": entry(),
        "node_modules/c": entry("b"),
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    needs = {pin.place: pin.needs for pin in npm_pins(tmp_path / "package-lock.json")}
    assert needs["node_modules/a"] == ("node_modules/a/node_modules/b", "node_modules/c")
    assert needs["node_modules/a/node_modules/b"] == ("node_modules/c",)
    assert needs["node_modules/c"] == ("node_modules/b",)


def test_make_installs_nothing_without_its_hash() -> None:
    recipe = (ROOT / "Makefile").read_text()
    installs = [line for line in recipe.splitlines() if re.search(r"\$\(PIP|pip install|npm", line)]
    allowed = [
        "PIP_INSTALL := ",
        "PIP := ",
        "$(PIP_INSTALL) --require-hashes -r ",
        "$(PIP) --require-hashes -r ",
        "$(PIP) --no-deps --no-build-isolation -e .",  # the project itself
        '"$$npm" ci ',
    ]
    assert [line for line in installs if not any(text in line for text in allowed)] == []
    assert f"--require-hashes -r {EVERYTHING.name}" in recipe
    assert f"--require-hashes -r {NODE.name}" in recipe
