"""What a wheel has packed inside: libraries of other languages that its metadata does not name as dependencies.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-dist-info-sboms-directory
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any


@dataclass(frozen=True, kw_only=True)
class EmbeddedLibrary:
    """A library that is compiled into a wheel, by the wheel's own bill of materials."""

    purl: str
    name: str
    version: str
    stated: tuple[str, ...]


def embedded_libraries(package: str) -> Iterator[EmbeddedLibrary]:
    """The libraries that an installed package says it carries, without what only built it."""
    for path in metadata.files(package) or []:
        if path.parent.name == "sboms" and path.suffix == ".json":
            yield from libraries_of(json.loads(path.read_text(encoding="utf-8")))


def libraries_of(bill: dict[str, Any]) -> Iterator[EmbeddedLibrary]:
    """The libraries of one CycloneDX bill of materials."""
    for component in bill.get("components", []):
        if component.get("scope") != "excluded" and component.get("purl"):
            yield EmbeddedLibrary(
                purl=component["purl"].partition("?")[0],
                name=component["name"],
                version=component.get("version", ""),
                stated=tuple(_stated(component.get("licenses", []))),
            )


def _stated(licences: list[dict[str, Any]]) -> Iterator[str]:
    for entry in licences:
        licence = entry.get("license", {})
        yield entry.get("expression") or licence.get("id") or licence.get("name", "")
