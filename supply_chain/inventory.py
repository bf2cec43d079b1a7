"""Every dependency with what it is used for and what it says of its licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply_chain.locks import (
    CHECKOV,
    DEPLOYED,
    EVERYTHING,
    NODE,
    OPERATED,
    ROOT,
    NpmPin,
    Pin,
    npm_pins,
    python_pins,
)


class Use(StrEnum):
    """How far a dependency reaches, the farthest first."""

    DEPLOYED = "deployed"
    OPERATED = "operated"
    CHECKING = "checking"


# The library brings the Lambdas behind custom resources and bucket notifications, so its code is deployed, too.
_DEPLOYED_BY_CDK = {"aws-cdk-lib"}
# checkov is installed into an environment of its own, in versions of its own.
_CHECKOV = ROOT / ".venv-checkov"
# What a person runs with credentials of an account; the rest of npm serves the laptop cloud.
_OPERATED_NPM = "node_modules/aws-cdk"


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """One package that is deployed, operated or checks."""

    ecosystem: str
    name: str
    version: str
    use: Use
    stated: tuple[str, ...]  # what its metadata says of its licence, in its own words
    needs: tuple[str, ...]  # keys of other dependencies
    hashes: tuple[str, ...] = ()
    place: str = ""

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return f"{self.ecosystem}:{self.place or self.name}"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where packages are installed.

    Attributes:
        name: tells its packages from those of the project itself, which have none.
        folder: the virtual environment; without one it is the running one.
        verb: installs it.
    """

    name: str = ""
    folder: Path | None = None
    verb: str = "make setup"

    def distribution(self, name: str) -> metadata.Distribution | None:
        """What is installed under that name."""
        if self.folder is None:
            return next(iter(metadata.distributions(name=name)), None)
        packages = [str(path) for path in self.folder.glob("lib/python*/site-packages")]
        return next(iter(metadata.distributions(name=name, path=packages)), None)

    def place(self, name: str) -> str:
        """How a dependency's place is written: empty for the project's own."""
        return f"{self.name}/{name}" if self.name else ""

    def key(self, name: str) -> str:
        """Its key among all dependencies."""
        return f"pypi:{self.place(name) or name}"


class MissingPackageError(LookupError):
    """A locked package that is not installed, or in another version."""


def inventory() -> tuple[Dependency, ...]:
    """All dependencies, sorted by reach, ecosystem and name."""
    found = [*_python(), *_npm(npm_pins())]
    reach = list(Use)
    return tuple(sorted(found, key=lambda one: (reach.index(one.use), one.ecosystem, one.name, one.version)))


def _python() -> Iterator[Dependency]:
    deployed = {name for lock in DEPLOYED for name in python_pins(lock)} | _DEPLOYED_BY_CDK
    operated = {*python_pins(OPERATED, hashed=False)}
    everything = python_pins(EVERYTHING)
    for name, pin in everything.items():
        use = Use.DEPLOYED if name in deployed else Use.OPERATED if name in operated else Use.CHECKING
        if pin.applies:
            yield _installed(pin, use, everything, Environment())
    for pin in python_pins(NODE).values():
        # Most machines have a Node of their own, and then this is not installed.
        yield Dependency(
            ecosystem="pypi", name=pin.name, version=pin.version, use=Use.OPERATED, stated=(), needs=()
        )
    checkov = python_pins(CHECKOV)
    its_own = Environment(name="checkov", folder=_CHECKOV, verb="make licences")
    for pin in checkov.values():
        if pin.applies:
            yield _installed(pin, Use.CHECKING, checkov, its_own)


def _installed(pin: Pin, use: Use, locked: Mapping[str, Pin], where: Environment) -> Dependency:
    found = where.distribution(pin.name)
    if found is None:
        raise MissingPackageError(f"{pin.name} {pin.version} is locked and not installed; `{where.verb}`")
    if found.version != pin.version:
        raise MissingPackageError(
            f"{pin.name} {pin.version} is locked, {found.version} is installed; `{where.verb}`"
        )
    return Dependency(
        ecosystem="pypi",
        name=pin.name,
        version=pin.version,
        use=use,
        stated=stated_licences(found.metadata),
        needs=tuple(
            sorted(where.key(name) for name in _needs(found.requires or [], pin.extras) & locked.keys())
        ),
        place=where.place(pin.name),
    )


def stated_licences(about: metadata.PackageMetadata) -> tuple[str, ...]:
    """What a package's metadata says of its licence: the SPDX expression, else the older fields, in their words.

    https://packaging.python.org/en/latest/specifications/core-metadata/#license-expression
    """
    if expressions := about.get_all("License-Expression"):
        return tuple(expressions)
    texts = [text.strip().split("\n")[0].strip() for text in about.get_all("License") or []]
    classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License ::")]
    return tuple(dict.fromkeys(text for text in (*texts, *classifiers) if text))


def _needs(requires: Sequence[str], extras: Sequence[str]) -> set[str]:
    wanted = (Requirement(text) for text in requires)
    chosen = [{"extra": extra} for extra in ("", *extras)]
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or any(one.marker.evaluate(extra) for extra in chosen)
    }


def _npm(pins: Sequence[NpmPin]) -> Iterator[Dependency]:
    by_place = {pin.place: pin for pin in pins}
    operated, new = set[str](), [_OPERATED_NPM]
    while new:
        place = new.pop()
        if place not in operated:
            operated.add(place)
            new += by_place[place].needs
    for pin in pins:
        yield Dependency(
            ecosystem="npm",
            name=pin.name,
            version=pin.version,
            use=Use.OPERATED if pin.place in operated else Use.CHECKING,
            stated=(pin.licence,) if pin.licence else (),
            needs=tuple(f"npm:{place}" for place in pin.needs),
            hashes=(pin.integrity,),
            place=pin.place,
        )
