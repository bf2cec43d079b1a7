"""A round: one job for every pipe, regardless of failures on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline_monitor.jobs import Job, Look
from pipeline_monitor.metrics import Measure
from pipeline_monitor.settings import WatchedPipe
from snowflake_setup.session.clock import Clock
from snowflake_setup.session.errors import LoginRefusedError, OutOfTimeError, SetupError
from snowflake_setup.session.logs import Log


@dataclass
class Findings:
    """Measures of each kind of event, and failures to determine them."""

    measures: dict[str, list[Measure]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def failure_text(self) -> str:
        """The failures in one line."""
        return "; ".join(f"{events}: {reason}" for events, reason in self.failures.items())


def go_round(job: Job, pipes: Sequence[WatchedPipe], look: Look, clock: Clock, log: Log) -> Findings:
    """Do the job for each pipe while there is time; keep results from before a failure."""
    findings = Findings()
    no_session: LoginRefusedError | None = None
    for watched in pipes:
        found = findings.measures.setdefault(watched.events, [])
        try:
            if no_session:
                raise no_session
            if clock.remaining() <= 0:
                raise OutOfTimeError("the run ended before this pipe was checked")
            for measure in job(look, watched):
                found.append(measure)  # one by one, to keep results from before a failure
        except LoginRefusedError as error:
            no_session = error
            findings.failures[watched.events] = str(error)
        except (SetupError, ValueError, LookupError, TypeError) as error:
            # A failure on one pipe does not affect the others.
            findings.failures[watched.events] = f"{type(error).__name__}: {error}"
        if watched.events in findings.failures:
            log.error("not determined", events=watched.events, reason=findings.failures[watched.events])
    return findings
