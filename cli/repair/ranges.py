"""Line numbers as text: `3,5-9`."""

from __future__ import annotations

from collections.abc import Iterable


def as_text(numbers: Iterable[int]) -> str:
    """Write numbers, neighbours as a range."""
    parts: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = parts[-1][0], number
        else:
            parts.append((number, number))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def from_text(text: str) -> set[int]:
    """Read what `as_text` wrote.

    Raises:
        ValueError: it is something else.
    """
    numbers = set[int]()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers
