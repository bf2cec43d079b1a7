"""The check of documents: events to send, and rejects with their reason."""

from __future__ import annotations

from typing import NamedTuple

import contract
from contract import EventContract, Found, Unlisted, one_line


class Event(NamedTuple):
    """A document that can be sent, on one line; otherwise as it was."""

    line: int
    event_id: str
    data: bytes


class Reject(NamedTuple):
    """A document, or a text that is none, with the reason why it is not sent."""

    line: int
    reason: str
    data: bytes


class DocumentChecker:
    """Checks whether a document is an event that a stream and a row can hold."""

    def __init__(
        self, event_contract: EventContract, *, max_bytes: int, unlisted: Unlisted = "folded"
    ) -> None:
        self._checker = contract.Checker(event_contract, unlisted=unlisted)
        self._id = event_contract.id.name
        self._max_bytes = max_bytes

    def check(self, found: Found) -> Event | Reject:
        """Check one document."""
        if flaws := self._checker.check(found):
            return Reject(found.line, "; ".join(flaw.text for flaw in flaws), _bytes(found.text))
        data = _bytes(one_line(found))
        if len(data) > self._max_bytes:
            reason = f"too large: {len(data):,} bytes; one event may have at most {self._max_bytes:,}"
            return Reject(found.line, reason, data)
        return Event(found.line, found.value[self._id], data)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
