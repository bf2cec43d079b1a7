"""One case: a flow with a fault at one boundary, recovered as CloudFormation would, and the result checked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from laptop.testing.snowflake import KeyPair
from tests.faults.cloudformation import Stack
from tests.faults.flows import Flow
from tests.faults.interference import KINDS, MOST_OF_A_KIND, Boundary, Interference, Kind, can_strike
from tests.faults.invocation import RESERVE_SECONDS, Answer, Event, invoke, invoke_in_child
from tests.faults.templates import ORDER
from tests.faults.world import Snapshot, World, world

_SECONDS = 40.0
# An outage must end with the function's time.
_OUTAGE_SECONDS = RESERVE_SECONDS + 4
Recovery = Literal["rolled back", "delivered again"]


@dataclass(frozen=True)
class Case:
    """A fault at a boundary, and CloudFormation's reaction to a failure or to no answer."""

    flow: Flow
    kind: Kind
    at: Boundary
    recovery: Recovery = "rolled back"

    def __str__(self) -> str:
        again = ", delivered again" if self.recovery == "delivered again" else ""
        return f"{self.flow.name}: {self.kind}{again} at {self.at}"


@dataclass(frozen=True)
class Rehearsal:
    """A flow without a fault: its boundaries, and the objects that exist at the end."""

    flow: Flow
    boundaries: tuple[Boundary, ...]
    standing: Snapshot

    def cases(self, kinds: Iterable[Kind] = KINDS) -> Iterator[Case]:
        """Every kind of fault at every boundary."""
        for kind in kinds:
            for at in self.boundaries:
                if can_strike(kind, at):
                    yield Case(self.flow, kind, at)
                    if kind.startswith("killed") and self.flow.request in ("Update", "Rollback"):
                        yield Case(self.flow, kind, at, "delivered again")


@dataclass
class Verdict:
    """The outcome of a case."""

    case: Case
    struck: bool = False
    outcome: str = ""
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0


def rehearse(flow: Flow, key: KeyPair) -> Rehearsal:
    """Run the flow without a fault.

    Raises:
        AssertionError: It fails even without a fault.
    """
    with world(key) as there:
        run = _Run(there, flow)
        run.prepare()
        run.interference.arm()
        answer = run.request()
        run.interference.disarm()
        run.require(answer, "without a fault")
        boundaries = [at for at in run.interference.boundaries if at.nth <= MOST_OF_A_KIND]
        run.finish()
        standing = there.snapshot()
        run.tear_down()
    assert not run.complaints, f"{flow.name}, without a fault: {run.complaints}"
    return Rehearsal(flow, tuple(boundaries), standing)


def try_case(case: Case, rehearsal: Rehearsal, key: KeyPair) -> Verdict:
    """Run the flow with the fault, recover, and check everything."""
    started, verdict = time.monotonic(), Verdict(case)
    with world(key) as there:
        run = _Run(there, case.flow, case)
        run.prepare()
        before = there.snapshot()
        run.interference.arm(case.kind, case.at)
        answer = run.request()
        run.interference.disarm()
        verdict.struck, verdict.outcome = run.interference.struck, answer.status
        if answer.status != "ok":
            run.recover(before)
        run.finish()
        run.expect(there.snapshot(), rehearsal.standing, "at the end")
        run.tear_down()
        verdict.complaints = run.complaints
    verdict.seconds = time.monotonic() - started
    return verdict


class _Run:
    """A flow in its own world."""

    def __init__(self, there: World, flow: Flow, case: Case | None = None) -> None:
        self.world = there
        self.flow = flow
        self.case = case
        self.complaints: list[str] = []
        self.interference = Interference(there.account.server, on_request=there.land)
        self._in_child = False
        self.stack = Stack(self._invoke)

    def prepare(self) -> None:
        """Deploy what exists before the request, with files that land before and after the pipe is created."""
        self.world.land()
        later = [logical_id for logical_id in ORDER if logical_id not in self.flow.standing]
        for logical_id in self.flow.standing if self.flow.request == "Create" else ORDER:
            self._do(self.stack.create(logical_id, self.flow.properties(logical_id)), logical_id)
            self.world.watch()
            self.world.land()
        if "PipeRefresh" in self.stack.resources:
            self._loaded("before")
        if self.flow.request == "Delete":
            for logical_id in reversed(later):
                self._do(self.stack.delete(logical_id), logical_id)
        if self.flow.request == "Rollback":
            self._do(self.stack.update(self.flow.subject, self.flow.wanted), "the update before")

    def request(self) -> Answer:
        """Send the request that the fault hits."""
        self._in_child = self.case is not None and self.case.kind.startswith("killed")
        try:
            return self._send()
        finally:
            self._in_child = False

    def recover(self, before: Snapshot) -> None:
        """Continue as CloudFormation does after a failure, up to a retry that must succeed."""
        flow, case = self.flow, self.case
        if case is None:
            return
        if flow.request == "Create" and case.kind == "error":
            self.expect(self.world.snapshot(), before, "after the failed Create")
        if flow.request == "Update" and case.recovery == "rolled back":
            self._do(self.stack.roll_back(flow.subject, flow.wanted), "the rollback")
            self.world.land()
            self._rolled_back(before)
        self._do(self._send(), "the retry")

    def finish(self) -> None:
        """Complete the deployment, deploy again what was deleted, and count the rows."""
        for answer in self.stack.clean_up():
            self._do(answer, "the clean-up")
        for logical_id in ORDER:
            if logical_id not in self.stack.resources:
                self._do(self.stack.create(logical_id, self.flow.properties(logical_id)), logical_id)
                self.world.watch()
        self.world.land()
        self._loaded("at the end")

    def tear_down(self) -> None:
        """Delete everything; only a retained table may be left."""
        for logical_id in reversed(ORDER):
            self._do(self.stack.delete(logical_id), f"delete {logical_id}")
        kept = self.flow.properties("Table")["OnDelete"] == "retain"
        left = set(self.world.snapshot())
        if left != ({"TABLE CLICK_EVENTS"} if kept else set()):
            self.complaints.append(f"left behind: {', '.join(sorted(left)) or 'nothing, not even the table'}")

    def require(self, answer: Answer, what: str) -> None:
        """Record a complaint if the request failed."""
        self._do(answer, what)

    def expect(self, found: Snapshot, wanted: Snapshot, when: str) -> None:
        """Record a complaint for each difference."""
        for name in sorted({*found, *wanted}):
            there, here = found.get(name), wanted.get(name)
            if there != here:
                keys = sorted(
                    key
                    for key in {*(there or {}), *(here or {})}
                    if (there or {}).get(key) != (here or {}).get(key)
                )
                details = [
                    f"{key} is {(there or {}).get(key)!r}, not {(here or {}).get(key)!r}" for key in keys[:2]
                ]
                what = "; ".join(details) if there and here else "exists" if there else "does not exist"
                self.complaints.append(f"{when}: {name} {what}"[:400])

    def _send(self) -> Answer:
        match self.flow.request:
            case "Create":
                return self.stack.create(self.flow.subject, self.flow.wanted)
            case "Update":
                return self.stack.update(self.flow.subject, self.flow.wanted)
            case "Rollback":
                return self.stack.update(self.flow.subject, self.flow.properties(self.flow.subject))
            case "Delete":
                return self.stack.delete(self.flow.subject)

    def _rolled_back(self, before: Snapshot) -> None:
        found = self.world.snapshot()
        # A table only grows, and a new pipe that could not be dropped waits, paused, for the retry.
        for name in {"TABLE CLICK_EVENTS", *(set(found) - set(before))}:
            if found.get(name, {}).get("execution_paused", True):
                found.pop(name, None)
                before = {key: value for key, value in before.items() if key != name}
        self.expect(found, before, "after the rollback")

    def _loaded(self, when: str) -> None:
        rows, distinct = self.world.settle()
        if not rows == distinct == self.world.sent:
            self.complaints.append(f"{when}: {rows} rows, {distinct} distinct events, {self.world.sent} sent")

    def _do(self, answer: Answer, what: str) -> None:
        if answer.status != "ok":
            self.complaints.append(f"{what} {answer.status}: {answer.reason}")

    def _invoke(self, event: Event) -> Answer:
        seconds = _OUTAGE_SECONDS if self.case and self.case.kind == "outage" else _SECONDS
        if self._in_child:
            return invoke_in_child(event, self.world.settings, seconds=seconds, on_start=self._on_start)
        answer = invoke(event, self.world.settings, seconds=seconds)
        if answer.seconds > seconds:
            self.complaints.append(f"answered after {answer.seconds:.0f} s of {seconds:.0f}")
        if answer.status == "crashed":
            self.complaints.append(f"not a message for a person: {answer.reason}")
        shown = answer.log + answer.reason + str(answer.data)
        if any(secret in shown for secret in self.world.secrets):
            self.complaints.append("a secret is in the log or the answer")
        return answer

    def _on_start(self, process: int) -> None:
        self.interference.victim = process
