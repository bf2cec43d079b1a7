"""Fault injection: one fault at one statement, caused by the stand-in while an invocation runs.

The stand-in's own faults match a text in a statement; these match a position in the sequence, since some statements
are sent more than once.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from laptop.testing.stand_in import Fault, Faults, Server, UnavailableError

Kind = Literal[
    "error",
    "unavailable",
    "expired",
    "hang",
    "outage",
    "lost answer",
    "late answer",
    "killed before",
    "killed after",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
MEANING: dict[Kind, str] = {
    "error": "Snowflake refuses the statement",
    "unavailable": "503, twice",
    "expired": "the session has expired",
    "hang": "no answer until the client gives up, once",
    "outage": "no answer from here to the end of the invocation",
    "lost answer": "executed; the connection drops before the answer",
    "late answer": "executed; the client has given up before the answer",
    "killed before": "the Lambda is killed before the statement is executed",
    "killed after": "the Lambda is killed after the statement is executed",
}
_BEFORE: dict[Kind, Fault] = {
    "error": Fault(kind="error", errno=2140, message="fault on request"),
    "unavailable": Fault(kind="http_503"),
    "expired": Fault(kind="expired_session"),
    "hang": Fault(kind="hang", seconds=30),
    "outage": Fault(kind="hang", seconds=30),
    "lost answer": Fault(kind="lost_answer"),
}
_TIMES: dict[Kind, float] = {"unavailable": 2, "outage": float("inf")}
_LATE_SECONDS = 2.5
_QUOTED = re.compile(r"""('([^']|'')*'|"([^"]|"")*")(\."([^"]|"")*")*""")
_KIND_LENGTH = 48
# Polling queries, and one REFRESH per group of files, repeat: faults at the third tell no more than at the second.
MOST_OF_A_KIND = 2


@dataclass(frozen=True)
class Boundary:
    """A position in the sequence of an invocation's requests: the nth of its kind."""

    kind: str
    nth: int

    @property
    def is_login(self) -> bool:
        """True if the request is a login, not a statement."""
        return self.kind.startswith("LOGIN")

    @property
    def changes(self) -> bool:
        """True if the statement changes something."""
        return self.kind.startswith(("ALTER", "CREATE", "DROP", "GRANT"))

    def __str__(self) -> str:
        return self.kind if self.nth == 1 else f"{self.kind} ({self.nth})"


class Interference(Faults):
    """Hooks into a stand-in: counts an invocation's requests, reports each, and injects a fault into one."""

    def __init__(self, server: Server, *, on_request: Callable[[], None]) -> None:
        super().__init__()
        self._on_request = on_request
        self._armed = False
        self._kind: Kind | None = None
        self._at: Boundary | None = None
        self._left = 0.0
        self._seen: Counter[str] = Counter()
        self.boundaries: list[Boundary] = []
        self.struck = False
        self.victim = 0
        api: Any = server._api
        self._run = api._run
        api._faults = self
        api._run = self._run_with_fault

    def arm(self, kind: Kind | None = None, at: Boundary | None = None) -> None:
        """Start counting, and inject a fault of this `kind` `at` that boundary."""
        self._kind, self._at, self._armed, self.struck = kind, at, True, False
        self._left = _TIMES.get(kind, 1) if kind else 0
        self._seen.clear()
        self.boundaries = []

    def disarm(self) -> None:
        """Stop counting and injecting."""
        self._armed = False

    def take(self, text: str) -> Fault | None:
        """The fault to inject before this request is executed, if any."""
        if not self._armed:
            return None
        kind = _QUOTED.sub("…", text).partition(" TYPE = ")[0][:_KIND_LENGTH].strip()
        self._seen[kind] += 1
        self.boundaries.append(Boundary(kind, self._seen[kind]))
        if self._seen[kind] <= MOST_OF_A_KIND:
            self._on_request()
        self.struck = self.struck or self.boundaries[-1] == self._at
        if not self.struck or self._left <= 0 or self._kind is None:
            return None
        self._left -= 1
        if self._kind == "killed before":
            self._kill()
        return _BEFORE.get(self._kind)

    def _run_with_fault(self, *arguments: Any) -> Any:
        answer = self._run(*arguments)
        if self._armed and self.boundaries[-1] == self._at:
            if self._kind == "killed after":
                self._kill()
            if self._kind == "late answer":
                time.sleep(_LATE_SECONDS)
        return answer

    def _kill(self) -> None:
        os.kill(self.victim, signal.SIGKILL)
        self._armed = False
        raise UnavailableError


def can_strike(kind: Kind, at: Boundary) -> bool:
    """True if the kind is possible there: nothing is executed at a login."""
    return not at.is_login or kind not in ("lost answer", "late answer", "killed after")
