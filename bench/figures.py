"""One measured pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured of ours and of what it is compared with; `limit` binds ours, or the ratio where one is set.

    Args:
        name: what was measured, and in which unit.
        ours: our figure.
        other: the figure it is compared with, measured in the same run.
        limit: the most that is allowed.
        limits_ratio: whether the limit is for ours / other instead of for ours.
    """

    name: str
    ours: float
    other: float
    limit: float
    limits_ratio: bool = False

    @property
    def ratio(self) -> float:
        """Ours as a multiple of the other."""
        return self.ours / self.other

    @property
    def is_within(self) -> bool:
        """Whether the limit is kept."""
        return (self.ratio if self.limits_ratio else self.ours) <= self.limit
