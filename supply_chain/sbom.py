"""The bill of materials, in CycloneDX's JSON: what the project is made of, for the tools that watch over it.

https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from supply_chain.inventory import Use
from supply_chain.licences import Licensed
from supply_chain.locks import ROOT

SBOM = ROOT / "build" / "sbom.cdx.json"
_ALGORITHMS = {"sha1": HashAlgorithm.SHA_1, "sha512": HashAlgorithm.SHA_512}


class SbomError(ValueError):
    """A text that is no bill of materials by CycloneDX's own schema."""


def bill_of_materials(found: Iterable[Licensed]) -> Bom:
    """Every dependency with its licence, what it needs, and whether it is deployed.

    What is deployed has the scope `required`, all else `excluded`: it is never where events are.
    """
    found = list(found)
    project = _project()
    bom = Bom()
    bom.metadata.component = project
    components = {one.dependency.key: _component(one) for one in found}
    for one in found:
        component = components[one.dependency.key]
        bom.components.add(component)
        inside = list(_inside(one))
        bom.components.update(inside)
        needed = [components[key] for key in one.dependency.needs if key in components]
        bom.register_dependency(component, [*needed, *inside])
    bom.register_dependency(project, components.values())
    return bom


def write(bom: Bom, path: Path = SBOM) -> None:
    """Write the document, after CycloneDX's validator has passed it.

    Raises:
        SbomError: it did not.
    """
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    validate(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def validate(text: str) -> None:
    """Hold a document against CycloneDX's own schema, unknown keys refused.

    Raises:
        SbomError: with what the validator says.
    """
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SbomError(f"not a CycloneDX 1.6 document: {error}")


def _project() -> Component:
    about: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Component(
        name=about["name"],
        version=about["version"],
        description=about["description"],
        type=ComponentType.APPLICATION,
        bom_ref=about["name"],
    )


def _component(one: Licensed) -> Component:
    dependency = one.dependency
    group, _, name = dependency.name.rpartition("/")
    return Component(
        name=name,
        group=group or None,
        version=dependency.version,
        type=ComponentType.LIBRARY,
        bom_ref=dependency.key,
        purl=PackageURL(dependency.ecosystem, group or None, name, dependency.version),
        scope=ComponentScope.REQUIRED if dependency.use is Use.DEPLOYED else ComponentScope.EXCLUDED,
        licenses=[_licence(one.licence)],
        hashes=[_hash(text) for text in dependency.hashes],
    )


def _inside(one: Licensed) -> Iterator[Component]:
    for part, licence in one.embedded:
        yield Component(
            name=part.name,
            version=part.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{one.dependency.key}/{part.purl}",
            purl=PackageURL.from_string(part.purl),
            scope=ComponentScope.REQUIRED,
            licenses=[_licence(licence)],
        )


def _licence(expression: str) -> LicenseExpression:
    """Concluded, not declared: the policy may have read a package's words."""
    return LicenseExpression(expression, acknowledgement=LicenseAcknowledgement.CONCLUDED)


def _hash(integrity: str) -> HashType:
    """A hash as npm writes it, `<algorithm>-<base64>`."""
    algorithm, _, digest = integrity.partition("-")
    return HashType(alg=_ALGORITHMS[algorithm], content=base64.b64decode(digest).hex())
