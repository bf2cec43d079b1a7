"""Faults of Snowflake on request."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from laptop.cloud.faults import FaultQueue, RequestedFault

RequestFault = Literal["http_503", "error", "hang", "expired_session", "cut", "lost_answer", "http_429"]
LoadFault = Literal["half_load"]


class Fault(RequestedFault):
    """A fault of requests or loads.

    The text of a request is its SQL, of a login `LOGIN <user>`, of a load history `GET loadHistoryScan <pipe>`.
    `http_503` answers 503, and `http_429`, for a load history, 429; `error` returns the given
    error; `hang` waits `seconds` (or until the client aborts) and then fails; `expired_session` requires a new session
    token; `cut` drops the connection, and `lost_answer` executes the statement before. `half_load` is for a pipe
    that loads a file with `match` in its key: it commits half of the rows, and the others after `seconds`, or when the
    faults are cleared.
    """

    kind: RequestFault | LoadFault
    errno: int = 1003
    sqlstate: str = "42000"
    message: str = "fault on request"
    seconds: float = Field(default=60.0, ge=0)


class Faults(FaultQueue[Fault]):
    """The queued faults of the stand-in."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def take(self, text: str) -> Fault | None:
        """The fault of this request, if any."""
        return self.strike(text, get_args(RequestFault))

    def take_load(self, key: str) -> Fault | None:
        """The fault of the load of this file, if any."""
        return self.strike(key, get_args(LoadFault))
