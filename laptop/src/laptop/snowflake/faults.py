"""Faults on request, so that tests can see how clients handle failures of Snowflake."""

from __future__ import annotations

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FaultKind = Literal["http_503", "error", "hang", "expired_session", "lost_answer", "half_load"]


class Fault(BaseModel):
    """A fault for the next `times` requests whose text contains `match`.

    A statement's text is its SQL; a login's is `LOGIN <user>`. `http_503` answers 503; `error` returns the given
    error; `hang` waits `seconds` (or until the client aborts) and then fails; `expired_session` requires a new session
    token; `lost_answer` executes the statement and drops the connection instead of answering. `half_load` is for a pipe
    that loads a file with `match` in its key: it commits half of the rows, and the others after `seconds`, or when the
    faults are cleared.
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
    """The queued faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._holding: set[threading.Event] = set()

    def add(self, document: bytes) -> int:
        """Queue faults from a JSON list; return the number of queued faults.

        Raises:
            ValueError: It is not a list of faults.
        """
        faults = _FAULTS.validate_json(document)
        with self._lock:
            self._waiting.extend(faults)
            return len(self._waiting)

    def clear(self) -> None:
        """Remove all queued faults, and end those that hold a load."""
        with self._lock:
            self._waiting.clear()
            for event in self._holding:
                event.set()

    def waiting(self) -> list[Fault]:
        """The faults that have not happened yet."""
        with self._lock:
            return list(self._waiting)

    def hold(self, fault: Fault) -> None:
        """Wait until the fault is over."""
        over = threading.Event()
        with self._lock:
            self._holding.add(over)
        over.wait(fault.seconds)
        with self._lock:
            self._holding.discard(over)

    def take(self, text: str) -> Fault | None:
        """The first fault that matches this request; its count is decremented."""
        return self._take(text, of_load=False)

    def take_load(self, key: str) -> Fault | None:
        """The first fault that matches the load of this file; its count is decremented."""
        return self._take(key, of_load=True)

    def _take(self, text: str, *, of_load: bool) -> Fault | None:
        with self._lock:
            for position, fault in enumerate(self._waiting):
                fits = (fault.kind == "half_load") == of_load
                if fits and fault.match.upper() in text.upper():
                    if fault.times == 1:
                        del self._waiting[position]
                    else:
                        self._waiting[position] = fault.model_copy(update={"times": fault.times - 1})
                    return fault
        return None
