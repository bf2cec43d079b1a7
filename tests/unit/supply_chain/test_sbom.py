"""The bill of materials is complete, says what is deployed, and is one by CycloneDX's own validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supply_chain.inventory import inventory
from supply_chain.licences import check
from supply_chain.locks import CHECKOV, DEPLOYED, EVERYTHING, NODE, npm_pins, python_pins
from supply_chain.policy import LicencePolicy
from supply_chain.sbom import SbomError, bill_of_materials, validate, write


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path: Path = tmp_path_factory.mktemp("sbom") / "build" / "sbom.cdx.json"
    write(bill_of_materials(check(inventory(), LicencePolicy.load())), path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_validator_passes_it_and_can_refuse(document: dict[str, Any]) -> None:
    validate(json.dumps(document))
    for broken in (
        {**document, "bomFormat": "SPDX"},
        {**document, "extra": 1},
        {**document, "components": [{"type": "library"}]},
    ):
        with pytest.raises(SbomError, match="not a CycloneDX"):
            validate(json.dumps(broken))


def test_every_locked_package_is_in_it(document: dict[str, Any]) -> None:
    purls = {component["purl"] for component in document["components"]}
    for lock in (EVERYTHING, NODE, CHECKOV):
        assert {
            f"pkg:pypi/{pin.name}@{pin.version}" for pin in python_pins(lock).values() if pin.applies
        } <= purls
    assert {f"pkg:npm/{pin.name.replace('@', '%40')}@{pin.version}" for pin in npm_pins()} <= purls


def test_exactly_what_is_deployed_is_required(document: dict[str, Any]) -> None:
    required = {
        component["name"]
        for component in document["components"]
        if component["scope"] == "required" and component["purl"].startswith("pkg:pypi/")
    }
    assert required == {name for lock in DEPLOYED for name in python_pins(lock)} | {"aws-cdk-lib"}
    assert "openssl" in {one["name"] for one in document["components"] if one["scope"] == "required"}


def test_it_tells_what_needs_what(document: dict[str, Any]) -> None:
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    assert "pypi:cryptography" in needs["pypi:snowflake-connector-python"]
    assert "pypi:cffi" in needs["pypi:cryptography"]
    assert {component["bom-ref"] for component in document["components"]} <= needs.keys()


def test_everything_has_a_licence_and_npm_packages_their_hash(document: dict[str, Any]) -> None:
    assert all(component["licenses"] for component in document["components"])
    npm = [component for component in document["components"] if component["purl"].startswith("pkg:npm/")]
    assert len(npm) == len(npm_pins())
    assert all(component["hashes"][0]["alg"] == "SHA-512" for component in npm)
