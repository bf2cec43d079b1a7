"""Counts of one invocation, published as metrics by a line in the function's log.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping

from clickstream_wire.metrics import NAMESPACE, Dimension, GateMetric


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
        print(_line(self._dimensions, counts))
        for reason, count in self.rejected.items():
            print(_line({**self._dimensions, Dimension.REASON: reason}, {GateMetric.REJECTED: count}))


def _line(dimensions: Mapping[str, str], counts: Mapping[GateMetric, int]) -> str:
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    head = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": head, **dimensions, **counts})
