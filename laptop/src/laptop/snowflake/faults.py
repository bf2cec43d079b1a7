"""Faults on request, so that tests can see what clients do when Snowflake is not well."""

from __future__ import annotations

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FaultKind = Literal["http_503", "error", "hang", "expired_session", "lost_answer"]


class Fault(BaseModel):
    """A fault for the next `times` requests whose text contains `match`.

    A statement's text is its SQL; a login's is `LOGIN <user>`. `http_503` answers 503; `error` refuses with the
    error given; `hang` waits `seconds` (or until the client aborts) and then refuses; `expired_session` asks for a
    new session token; `lost_answer` does the work and drops the connection instead of answering.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str = ""
    kind: FaultKind
    times: int = Field(default=1, ge=1)
    errno: int = 1003
    sqlstate: str = "42000"
    message: str = "fault on request"
    seconds: float = Field(default=60.0, ge=0)


_FAULTS = TypeAdapter(list[Fault])


class Faults:
    """The faults waiting to happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, document: bytes) -> int:
        """Queue faults from a JSON list; return how many wait now.

        Raises:
            ValueError: It is not a list of faults.
        """
        faults = _FAULTS.validate_json(document)
        with self._lock:
            self._waiting.extend(faults)
            return len(self._waiting)

    def clear(self) -> None:
        """Be well again."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """The faults that have not happened yet."""
        with self._lock:
            return list(self._waiting)

    def take(self, text: str) -> Fault | None:
        """The first fault that concerns this request, counted down."""
        with self._lock:
            for position, fault in enumerate(self._waiting):
                if fault.match.upper() in text.upper():
                    if fault.times == 1:
                        del self._waiting[position]
                    else:
                        self._waiting[position] = fault.model_copy(update={"times": fault.times - 1})
                    return fault
        return None
