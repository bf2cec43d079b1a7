"""A round: one job, done for every pipe, whatever becomes of it at the others."""

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
    """What is known of each kind of event, and what could not be found out."""

    measures: dict[str, list[Measure]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """The failures in one line."""
        return "; ".join(f"{events}: {reason}" for events, reason in self.failures.items())


def go_round(job: Job, pipes: Sequence[WatchedPipe], look: Look, clock: Clock, log: Log) -> Findings:
    """Do the job for each pipe while there is time; what was found before a failure counts."""
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
                found.append(measure)  # one by one: what was found before a failure stays
        except LoginRefusedError as error:
            no_session = error
            findings.failures[watched.events] = str(error)
        except (SetupError, ValueError, LookupError, TypeError) as error:
            # Whatever Snowflake answers about one pipe, the others are looked at.
            findings.failures[watched.events] = f"{type(error).__name__}: {error}"
        if watched.events in findings.failures:
            log.error("not determined", events=watched.events, reason=findings.failures[watched.events])
    return findings
