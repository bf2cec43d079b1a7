"""One measured pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Our figure and the one it is compared with; `limit` applies to ours, or to the ratio if `limits_ratio` is set.

    Args:
        name: what was measured, with its unit.
        ours: our figure.
        other: the figure it is compared with, measured in the same run.
        limit: the maximum allowed.
        limits_ratio: apply the limit to ours / other instead of to ours.
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
        """True if the limit is kept."""
        return (self.ratio if self.limits_ratio else self.ours) <= self.limit
