"""What goes wrong: one fault at one statement, made by the stand-in while an invocation runs.

The stand-in's own faults are found by a text that a statement contains; here they are found by their place in the
sequence, since some statements are sent more than once.
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
    "error": "Snowflake refuses the statement for good",
    "unavailable": "503, twice",
    "expired": "the session has expired",
    "hang": "no answer until the client gives up, once",
    "outage": "no answer from here to the end of the invocation",
    "lost answer": "carried out; the connection drops before the answer",
    "late answer": "carried out; the client has given up before the answer",
    "killed before": "the Lambda dies with the statement on its way",
    "killed after": "the Lambda dies when the statement is carried out",
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
# Questions that are asked until the answer suits, and one REFRESH a group of files: the third is as the second.
MOST_OF_A_KIND = 2


@dataclass(frozen=True)
class Boundary:
    """A place in the sequence of an invocation's requests: the nth of its kind."""

    kind: str
    nth: int

    @property
    def is_login(self) -> bool:
        """Whether it is no statement."""
        return self.kind.startswith("LOGIN")

    @property
    def changes(self) -> bool:
        """Whether it is a statement that changes something."""
        return self.kind.startswith(("ALTER", "CREATE", "DROP", "GRANT"))

    def __str__(self) -> str:
        return self.kind if self.nth == 1 else f"{self.kind} ({self.nth})"


class Interference(Faults):
    """Sits in a stand-in; counts the requests of an invocation, tells of each, and spoils one."""

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
        api._run = self._run_spoiled

    def arm(self, kind: Kind | None = None, at: Boundary | None = None) -> None:
        """From now on count, and let `kind` happen `at` its place."""
        self._kind, self._at, self._armed, self.struck = kind, at, True, False
        self._left = _TIMES.get(kind, 1) if kind else 0
        self._seen.clear()
        self.boundaries = []

    def disarm(self) -> None:
        """Be well again."""
        self._armed = False

    def take(self, text: str) -> Fault | None:
        """What happens to this request before it is carried out."""
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

    def _run_spoiled(self, *arguments: Any) -> Any:
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
    """Whether the kind can happen there: a login is no statement that is carried out."""
    return not at.is_login or kind not in ("lost answer", "late answer", "killed after")
