"""Changed delivery streams: for a while, some of their records still take the old configuration.

"The update might not occur immediately. … The updated configurations are usually effective within a few minutes."
(https://docs.aws.amazon.com/firehose/latest/APIReference/API_UpdateDestination.html) AWS does not say which records
take which one in between. So every other call does here: neither what the old one needs may go, nor may what the new
one needs come late.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# In AWS a few minutes.
_UPDATING_SECONDS = 3.0


@dataclass(frozen=True)
class Configuration:
    """The destinations of one version of a delivery stream, and the end of its update."""

    version: int
    destinations: list[dict[str, Any]]
    effective_at: float

    @classmethod
    def of(cls, stream: dict[str, Any]) -> Configuration:
        """A stream's latest configuration; a copy, since UpdateDestination changes it in place."""
        copied = [dict(destination) for destination in stream["destinations"]]
        return cls(stream["version"], copied, stream["updated_at"] + _UPDATING_SECONDS)


class Configurations:
    """The configuration that each record takes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, float], tuple[Configuration, Iterator[Configuration]]] = {}

    def next(self, stream: dict[str, Any]) -> Configuration:
        """The configuration for the records of one call."""
        key = (stream["arn"], stream["created_at"])
        with self._lock:
            latest, turns = self._known.get(key, (None, None))
            if latest is None or turns is None or latest.version != stream["version"]:
                former, latest = latest, Configuration.of(stream)
                turns = itertools.cycle([former or latest, latest])
                self._known[key] = latest, turns
            return next(turns) if time.time() < latest.effective_at else latest
