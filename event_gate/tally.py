"""Counts of one invocation, published as metrics by a line in the function's log."""

from __future__ import annotations

from collections import Counter

from clickstream_wire.metrics import Dimension, GateMetric, metric_line


class Tally:
    """Counts events of one kind."""

    def __init__(self, deployment: str, events: str) -> None:
        self._dimensions: dict[str, str] = {Dimension.DEPLOYMENT: deployment, Dimension.EVENTS: events}
        self.accepted = 0
        self.folded = 0
        self.rejected = Counter[str]()

    def publish(self) -> None:
        """Write the lines: one for all, and one for each reason of rejects."""
        counts = {
            GateMetric.ACCEPTED: self.accepted,
            GateMetric.REJECTED: self.rejected.total(),
            GateMetric.FOLDED: self.folded,
        }
        print(metric_line(self._dimensions, counts))
        for reason, count in self.rejected.items():
            print(metric_line({**self._dimensions, Dimension.REASON: reason}, {GateMetric.REJECTED: count}))
