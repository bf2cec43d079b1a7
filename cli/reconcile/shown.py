"""The result of a reconciliation on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cli.output import coloured, note, print_columns, tell
from cli.reconcile.counts import TOLERANCE, UNDER_WAY, RecordCounts
from cli.reconcile.finding import Finding, Verdict
from cli.repair.ranges import as_text

_MOST_SHOWN = 20
WELL = (Verdict.COMPLETE, Verdict.EXPIRED)
"""Verdicts that leave nothing to do."""


def worst(findings: Sequence[Finding], counts: Sequence[RecordCounts]) -> Verdict:
    """The verdict of a period: that of its worst hour, or missing if records are."""
    verdicts = [finding.verdict for finding in findings]
    verdicts += [Verdict.MISSING for each in counts if each.missing]
    return max(verdicts, key=list(Verdict).index, default=Verdict.COMPLETE)


def as_json_object(
    findings: Sequence[Finding], counts: Sequence[RecordCounts], repaired: Sequence[str], *, dry_run: bool
) -> Mapping[str, Any]:
    """For scripts; hours without a file or a reject are left out."""
    return {
        "verdict": worst(findings, counts),
        "hours": [finding.as_json_object() for finding in findings if not is_idle(finding)],
        "records": [each.as_json_object() for each in counts],
        "repaired": repaired,
        "dry_run": dry_run,
    }


def print_findings(findings: Sequence[Finding], counts: Sequence[RecordCounts]) -> None:
    """Print a line for each hour in which there was something, and details of those that are not complete."""
    shown = [finding for finding in findings if not is_idle(finding)]
    if shown:
        head = ("hour (UTC)", "events", "verdict", "files", "lines", "rows", "rejects")
        print_columns([head, *map(_line, shown)])
    for finding in shown:
        details = list(_details(finding))
        for detail in details[:_MOST_SHOWN]:
            tell(f"{finding.hour:%Y-%m-%d %H:00} {finding.events}: {detail}")
        if len(details) > _MOST_SHOWN:
            note(f"and {len(details) - _MOST_SHOWN:,} more; --json has all")
    for each in counts:
        said = f"{each.events}: {each.taken:,} records taken, {each.passed_on:,} passed on by Firehose"
        said += f", {each.failed:,} in the error folder" if each.failed else ""
        if each.missing:
            said += (
                f": {each.missing:,} are late or lost (tolerance {TOLERANCE:.0%}, and the last {UNDER_WAY})"
            )
        tell(said)


def is_idle(finding: Finding) -> bool:
    """True if nothing arrived in that hour."""
    return not (finding.files or finding.rows or finding.rejects or finding.failed)


def print_plan(findings: Sequence[Finding], say: Callable[[str], None]) -> None:
    """Print what a repair does, a sentence each."""
    steps = [step for finding in findings for step in _steps(finding)]
    for each in steps[:_MOST_SHOWN]:
        say(f"repair: {each}")
    if len(steps) > _MOST_SHOWN:
        say(f"repair: {len(steps) - _MOST_SHOWN:,} more of these")


def _steps(finding: Finding) -> Iterator[str]:
    for file in finding.missing:
        yield f"announce {file.key} again"
    for gap in finding.gaps:
        if gap.events:
            numbers = as_text(record.number for record in gap.events)
            yield f"write lines {numbers} of {gap.file.key} into a repair object"
        if gap.rejects:
            numbers = as_text(record.number for record in gap.rejects)
            yield f"list lines {numbers} of {gap.file.key} as rejects"


def _line(finding: Finding) -> Sequence[object]:
    verdict = finding.verdict
    return (
        f"{finding.hour:%Y-%m-%d %H:00}",
        finding.events,
        coloured(verdict, well=verdict in WELL),
        f"{len(finding.files):,}",
        "not counted" if finding.lines is None else f"{finding.lines:,}",
        f"{finding.rows:,}",
        f"{finding.rejects:,}",
    )


def _details(finding: Finding) -> Iterator[str]:
    if finding.expired:
        yield "not compared, since rows.keep_days may have deleted its rows"
    for file in finding.missing:
        yield f"no row of {file.key}, and no load of it"
    for file in finding.waiting:
        yield f"{file.key} is being loaded, or landed only at {file.written:%H:%M:%S}"
    for gap in finding.lacking:
        yield f"lines {as_text(record.number for record in gap.events)} of {gap.file.key} are not in the table"
    for key, rows in finding.doubled.items():
        yield f"{rows:,} rows of {key} are in the table twice; the deduplicated view shows each event once"
    for key, why in finding.unexplained.items():
        yield f"{key}: {why}"
    if finding.failed:
        yield (
            f"{finding.failed:,} records are in the error folder; "
            "send them with `clickstream rejects redrive --reason processing_failed`"
        )
