"""The report on a run: counts of all that was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(kw_only=True)
class Tally:
    """The running counts for a report."""

    valid: int = 0
    sent: int = 0
    retried: int = 0
    rejected: int = 0
    failed: int = 0
    spooled: int = 0
    drained: int = 0
    records: int = 0
    calls: int = 0
    bytes: int = 0
    last_line: int = 0
    stopped: str | None = None

    def report(
        self,
        *,
        seconds: float,
        interrupted: bool = False,
        dry_run: bool = False,
        resumed: Earlier | None = None,
    ) -> Report:
        """The report on the counts so far."""
        return Report(
            **vars(self), seconds=seconds, interrupted=interrupted, dry_run=dry_run, resumed=resumed
        )


@dataclass(kw_only=True)
class Earlier:
    """The part of an input that earlier runs have settled.

    Attributes:
        sent: events that the service accepted.
        rejected: texts that do not conform to the contract.
        failed: events that are in the rejects file, since the service did not accept them.
        in_doubt: events of the calls during which these runs were killed: at most these are sent twice.
        line: the number of the line on which its last document began.
    """

    sent: int
    rejected: int
    failed: int
    in_doubt: int
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """Counts of one run.

    `read` = `valid` + `rejected` and, except in a dry run, `valid` = `sent` + `failed` + `spooled`.

    Attributes:
        valid: documents that conform to the contract.
        sent: events the service accepted; in a dry run, none.
        retried: events sent again after a refusal, counted every time.
        rejected: texts that do not conform to the contract.
        failed: events that the service did not accept, or that were read but no longer sent.
        spooled: events that wait in the spool.
        drained: events that runs before had spooled, and that the service accepted now.
        records: records of the sent and drained events (in a dry run: of the valid ones).
        calls: calls made (in a dry run: calls needed), including retries.
        bytes: size of those records.
        last_line: the number of the line on which the last document began.
        stopped: the reason why it ended early, if so.
        seconds: how long it took.
        interrupted: it was stopped before the end.
        dry_run: nothing was sent on purpose.
        resumed: what earlier runs have done, and all other numbers leave out.
    """

    valid: int
    sent: int
    retried: int
    rejected: int
    failed: int
    spooled: int
    drained: int
    records: int
    calls: int
    bytes: int
    last_line: int
    stopped: str | None
    seconds: float
    interrupted: bool
    dry_run: bool
    resumed: Earlier | None = None

    @property
    def read(self) -> int:
        """Documents, and texts that are none."""
        return self.valid + self.rejected

    @property
    def is_complete(self) -> bool:
        """True if all was read and all of it sent (or, in a dry run, could be)."""
        earlier = self.resumed.rejected + self.resumed.failed if self.resumed else 0
        unsent = self.rejected + self.failed + self.spooled + earlier
        return not (unsent or self.interrupted or self.stopped)
