"""The npm packages of laptop/package.json, installed here or in the surrounding project."""

from __future__ import annotations

from pathlib import Path

_PLACES = [folder / "node_modules" for folder in Path(__file__).parents]


def node_modules() -> Path:
    """The folder with the packages."""
    for place in _PLACES:
        if (place / "uplot").is_dir():
            return place
    raise FileNotFoundError(f"uPlot is in none of {', '.join(map(str, _PLACES))}; run `npm ci`")
