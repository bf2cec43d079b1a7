"""One measured figure, with its mark."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure, measured once or in several rounds.

    Attributes:
        name: what was measured.
        against: what it is compared with, or what it is a part of.
        values: one for each round; a ratio is computed within its round.
        unit: of the values; "times" for a ratio.
        at_most: the mark, if the median must not be above it.
        at_least: the mark, if the median must not be below it.
        parts: medians of what the values were computed from, by name and unit.
        note: a finding in words.
    """

    name: str
    against: str
    values: Sequence[float]
    unit: str = "times"
    at_most: float | None = None
    at_least: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def median(self) -> float:
        """The median of all rounds."""
        return statistics.median(self.values)

    @property
    def effort(self) -> float | None:
        """The share of the mark that is used up: above 1 it is missed; None without a mark."""
        if self.at_most is not None:
            return self.median / self.at_most
        return self.at_least / self.median if self.at_least is not None else None

    @property
    def is_kept(self) -> bool:
        """True unless there is a mark, and it is missed."""
        return self.effort is None or self.effort <= 1

    @property
    def mark(self) -> str:
        """The mark in words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return f"≥ {self.at_least:g} {self.unit}" if self.at_least is not None else "reported"


def in_turn(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure each side once to warm up, then all sides in turn, so that a busy minute slows every side."""
    for measure in sides.values():
        measure()
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            found[name].append(measure())
    return found


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """The ratio of each round."""
    return tuple(one / other for one, other in zip(over, under, strict=True))


def medians(found: Mapping[str, Sequence[float]], unit: str) -> dict[str, float]:
    """The median of each side, named with its unit."""
    return {f"{name}, {unit}": statistics.median(values) for name, values in found.items()}
