"""The lock files: every package with the one version and the very files that may be installed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name
from pip_requirements_parser import RequirementsFile

ROOT = Path(__file__).resolve().parent.parent

# What each lock is for; `make lock` writes them.
EVERYTHING = ROOT / "requirements-dev.txt"
NODE = ROOT / "requirements-node.txt"
CHECKOV = ROOT / "requirements-checkov.txt"
OPERATED = ROOT / "requirements.txt"
DEPLOYED = (ROOT / "producer" / "requirements.txt", ROOT / "snowflake_setup" / "requirements.txt")
NPM = ROOT / "package-lock.json"

# Each file that pip may take is named by its hash. What is one environment has one version of a package.
TOGETHER = (EVERYTHING, NODE, *DEPLOYED)
HASHED = (*TOGETHER, CHECKOV)


class LockError(ValueError):
    """A lock file that does not lock; the message names file, line and what to do."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One locked package."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    marker: str = ""

    @property
    def applies(self) -> bool:
        """Whether this machine installs it."""
        return not self.marker or Marker(self.marker).evaluate()


@dataclass(frozen=True, kw_only=True)
class NpmPin:
    """One locked npm package, and what the lock knows of it."""

    place: str
    name: str
    version: str
    licence: str
    integrity: str
    needs: tuple[str, ...]


def python_pins(lock: Path, *, hashed: bool = True) -> dict[str, Pin]:
    """The pins of a requirements file, by their normal names.

    Args:
        lock: the file.
        hashed: refuse a package without a hash.

    Raises:
        LockError: a line is not understood, names no exact version, has no hash or comes twice; all of them are listed.
    """
    content = RequirementsFile.from_file(str(lock))
    problems = [f"line {line.line_number} is not understood: {line.line}" for line in content.invalid_lines]
    pins = dict[str, Pin]()
    for found in content.requirements:
        if found.is_editable and not hashed:
            continue  # the project itself
        if not found.name or found.is_editable or not found.get_pinned_version:
            problems.append(f"{found.line} names no exact version of a package")
        elif hashed and not found.hash_options:
            problems.append(f"{found.name}=={found.get_pinned_version} has no hash")
        else:
            name = canonicalize_name(found.name)
            if name in pins:
                problems.append(f"{name} is locked twice: name a version that every Python can have")
            pins[name] = Pin(
                name=name,
                version=found.get_pinned_version,
                hashes=tuple(sorted(found.hash_options)),
                extras=tuple(sorted(found.extras)),
                marker=str(found.marker or ""),
            )
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise LockError(f"{lock.name} does not lock; write it with `make lock`:\n{listed}")
    return pins


def npm_pins(lock: Path = NPM) -> list[NpmPin]:
    """The packages of package-lock.json, by the folders they are installed in.

    Raises:
        LockError: a package has no version or no integrity hash.
    """
    content: dict[str, Any] = json.loads(lock.read_text(encoding="utf-8"))
    pins = []
    for place, entry in content["packages"].items():
        if not place:
            continue  # the project itself
        name = place.rpartition("node_modules/")[2]
        if not entry.get("version") or not entry.get("integrity"):
            raise LockError(
                f"{lock.name}: {name} has no version or no integrity; write it with `npm install`"
            )
        pins.append(
            NpmPin(
                place=place,
                name=name,
                version=entry["version"],
                licence=str(entry.get("license", "")),
                integrity=entry["integrity"],
                needs=_found(place, [*entry.get("dependencies", {})], content["packages"]),
            )
        )
    return pins


def _found(place: str, names: list[str], packages: dict[str, Any]) -> tuple[str, ...]:
    """Where each dependency is found: in the nearest node_modules folder upwards, as Node looks for it."""
    found = []
    for name in names:
        folder = place
        while f"{folder}/node_modules/{name}".lstrip("/") not in packages and folder:
            folder = folder.rpartition("node_modules/")[0].rstrip("/")
        found.append(f"{folder}/node_modules/{name}".lstrip("/"))
    return tuple(found)
