"""The pipeline's own test event, which is none of the contract's and passes all the same."""

from __future__ import annotations

import contract
from clickstream_wire.columns import CANARY
from contract import Found

_CONTRACT = contract.parse(
    {
        "title": "Canary",
        "type": "object",
        "additionalProperties": False,
        "required": ["event_id", "event_type", "timestamp"],
        "properties": {
            "event_id": {"type": "string"},
            "event_type": {"type": "string", "const": CANARY},
            "timestamp": {"type": "string", "format": "date-time"},
        },
    }
)


class CanaryCheck:
    """Recognises canaries."""

    def __init__(self) -> None:
        self._checker = contract.Checker(_CONTRACT)

    def passes(self, found: Found) -> bool:
        """True for a canary, and for nothing else."""
        event = found.value
        return (
            isinstance(event, dict) and event.get("event_type") == CANARY and not self._checker.check(found)
        )
