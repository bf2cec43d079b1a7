"""Faults on request, so that tests can see how clients handle failures of the emulator and of the stand-in."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class RequestedFault(BaseModel):
    """A fault for the next `times` occasions whose text contains `match`; `times` is null for all until it is cleared.

    With a `probability` below 1 it happens at some of them only: `seed` decides at which.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    match: str = ""
    times: int | None = Field(default=1, ge=1)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


F = TypeVar("F", bound=RequestedFault)


@dataclass
class _Waiting(Generic[F]):
    fault: F
    random: random.Random

    def happens(self, text: str) -> bool:
        """True if the fault happens at an occasion with this text."""
        is_meant = self.fault.match.upper() in text.upper()
        return is_meant and self.random.random() < self.fault.probability


class FaultQueue(Generic[F]):
    """The requested faults that are not over."""

    def __init__(self, kind: type[F]) -> None:
        self._faults: TypeAdapter[list[F]] = TypeAdapter(list[kind])  # type: ignore[valid-type]  # at run time
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[F]] = []
        self._holding: set[threading.Event] = set()

    def add(self, document: bytes) -> int:
        """Queue faults from a JSON list; return the number of queued faults.

        Raises:
            ValueError: It is not a list of faults.
        """
        # Seeds are for a choice that can be repeated, not for secrets.
        faults = self._faults.validate_json(document)
        added = [_Waiting(fault, random.Random(fault.seed)) for fault in faults]  # noqa: S311
        with self._lock:
            self._waiting.extend(added)
            return len(self._waiting)

    def clear(self) -> None:
        """Remove all queued faults, and end the waits of those that hold something back."""
        with self._lock:
            self._waiting.clear()
            for event in self._holding:
                event.set()

    def waiting(self) -> list[F]:
        """The queued faults, each with the number of times left."""
        with self._lock:
            return [one.fault for one in self._waiting]

    def document(self) -> bytes:
        """The queued faults as JSON."""
        return json.dumps([fault.model_dump() for fault in self.waiting()]).encode()

    def hold(self, seconds: float) -> None:
        """Wait until the time is over or the faults are cleared."""
        over = threading.Event()
        with self._lock:
            self._holding.add(over)
        over.wait(seconds)
        with self._lock:
            self._holding.discard(over)

    def strike(self, text: str, kinds: Iterable[str]) -> F | None:
        """The first fault of these kinds that happens at an occasion with this text; its count is decremented."""
        with self._lock:
            for one in self._waiting:
                if one.fault.kind in kinds and one.happens(text):
                    self._count(one)
                    return one.fault
        return None

    def _count(self, one: _Waiting[F]) -> None:
        times = one.fault.times
        if times == 1:
            self._waiting.remove(one)
        elif times is not None:
            one.fault = one.fault.model_copy(update={"times": times - 1})
