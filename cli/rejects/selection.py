"""The choice of rejects that a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cli.rejects.entry import Entry


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The rejects that a command is about.

    Attributes:
        since: those that arrived at this time or later.
        reason: those with this reason only; None: with any.
        ids: those with these ids only; empty: with any.
    """

    since: datetime
    reason: str | None = None
    ids: frozenset[str] = frozenset()

    def takes(self, entry: Entry) -> bool:
        """True if it is one of them."""
        return (
            entry.at >= self.since
            and self.reason in (None, entry.reason)
            and (not self.ids or entry.reject_id in self.ids)
        )
