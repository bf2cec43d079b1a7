"""Lambda's context object."""

from __future__ import annotations

from typing import Protocol


class LambdaContext(Protocol):
    """The context of an invocation, as far as we use it."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
