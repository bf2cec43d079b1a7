"""Allowances: the amounts that streams may still accept in the current second."""

from __future__ import annotations

from collections.abc import Hashable


class Allowances:
    """The amounts that each stream or shard has accepted in the current second."""

    def __init__(self) -> None:
        self._second = 0
        self._taken: dict[Hashable, tuple[float, ...]] = {}

    def take(
        self, key: Hashable, amounts: tuple[float, ...], limits: tuple[float, ...], *, now: float
    ) -> bool:
        """Accept amounts of several kinds if all stay within their limits; otherwise none."""
        if int(now) != self._second:
            self._second = int(now)
            self._taken.clear()
        before = self._taken.get(key, (0.0,) * len(amounts))
        after = tuple(taken + amount for taken, amount in zip(before, amounts, strict=True))
        if any(taken > limit for taken, limit in zip(after, limits, strict=True)):
            return False
        self._taken[key] = after
        return True
