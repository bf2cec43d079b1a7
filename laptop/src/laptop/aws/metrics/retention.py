"""Retention of metrics: one set per second while they are recent, later one per minute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Point = dict[str, Any]
"""One entry of MiniStack's store: a value (with its count) or a statistic set."""

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
SECONDS_FOR = 3 * 3600
MINUTES_FOR = 15 * 24 * 3600


def thinned(points: Iterable[Point], now: float) -> list[Point]:
    """The points to keep at `now`, in order of time, merged per second or, if older, per minute."""
    slots: dict[tuple[float, str], list[Point]] = {}
    for point in points:
        age = now - point["Timestamp"]
        if age <= MINUTES_FOR:
            resolution = 1 if age <= SECONDS_FOR else 60
            slot = point["Timestamp"] // resolution * resolution
            slots.setdefault((slot, point["Unit"]), []).append(point)
    return [
        merged(together, slot) if len(together) > 1 else together[0] | {"Timestamp": slot}
        for (slot, _), together in sorted(slots.items(), key=_time)
    ]


def merged(points: Sequence[Point], timestamp: float) -> Point:
    """One statistic set of several points."""
    sets = [_statistics(point) for point in points]
    count, total = sum(s["SampleCount"] for s in sets), sum(s["Sum"] for s in sets)
    return {
        "Timestamp": timestamp,
        "Value": total / count if count else 0.0,
        "Unit": points[0]["Unit"],
        "Dimensions": points[0]["Dimensions"],
        "_stat": {
            "SampleCount": count,
            "Sum": total,
            "Minimum": min(s["Minimum"] for s in sets),
            "Maximum": max(s["Maximum"] for s in sets),
        },
    }


def _time(slot: tuple[tuple[float, str], list[Point]]) -> tuple[float, str]:
    return slot[0]


def _statistics(point: Point) -> dict[str, float]:
    if "_stat" in point:
        return {name: float(value) for name, value in point["_stat"].items()}
    count, value = point.get("Count", 1.0), point["Value"]
    return {"SampleCount": count, "Sum": value * count, "Minimum": value, "Maximum": value}
