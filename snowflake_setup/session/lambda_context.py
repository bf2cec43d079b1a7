"""Lambda's context object."""

from __future__ import annotations

from typing import Protocol


class LambdaContext(Protocol):
    """The part of an invocation's context that is used here."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
