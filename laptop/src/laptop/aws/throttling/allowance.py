"""Allowances: what may still be taken in the present second."""

from __future__ import annotations

from collections.abc import Hashable


class Allowances:
    """For each stream or shard, what it has taken in the present second."""

    def __init__(self) -> None:
        self._second = 0
        self._taken: dict[Hashable, tuple[float, ...]] = {}

    def take(
        self, key: Hashable, amounts: tuple[float, ...], limits: tuple[float, ...], *, now: float
    ) -> bool:
        """Take amounts of several kinds at once, if each stays within its limit; otherwise none of them."""
        if int(now) != self._second:
            self._second = int(now)
            self._taken.clear()
        before = self._taken.get(key, (0.0,) * len(amounts))
        after = tuple(taken + amount for taken, amount in zip(before, amounts, strict=True))
        if any(taken > limit for taken, limit in zip(after, limits, strict=True)):
            return False
        self._taken[key] = after
        return True
