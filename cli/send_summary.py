"""The summary of `clickstream send`, and its exit code."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cli.output import CommandError, note, print_columns, print_json

if TYPE_CHECKING:
    from producer import Earlier, RejectsFile, Report, Target

NOTHING_DONE, USAGE, SOME_NOT_SENT, INTERRUPTED = 1, 2, 3, 130


def print_summary(report: Report, target: Target | None, rejects: RejectsFile, *, as_json: bool) -> None:
    """Print the counts, the first reasons, and where the rest is."""
    earlier = report.resumed.rejected + report.resumed.failed if report.resumed else 0
    left = report.rejected + report.failed + earlier
    if as_json:
        summary = {"read": report.read, **asdict(report), "seconds": round(report.seconds, 3)}
        where = {"kind": target.kind, "name": target.name, "region": target.region} if target else None
        print_json({**summary, "target": where, "rejects": str(rejects.path) if left else None})
        return
    lines = []
    if target:
        lines += [("to", str(target)), *_resumed(report.resumed)]
        lines += [
            ("sent", f"{report.sent:,} events"),
            ("retried", f"{report.retried:,}"),
            ("failed", f"{report.failed:,}"),
        ]
    else:
        lines += [("valid", f"{report.valid:,} events (dry run: nothing sent)")]
    lines += [
        ("rejected", f"{report.rejected:,}"),
        ("in", f"{report.records:,} records, {report.calls:,} calls, {report.bytes / 1e6:,.1f} MB"),
        ("took", f"{report.seconds:,.2f} s"),
    ]
    lines += [(f"line {line:,}", reason) for line, reason in rejects.first]
    if left:
        lines.append(("see", str(rejects.path)))
    print_columns(lines)


def _resumed(earlier: Earlier | None) -> list[tuple[str, str]]:
    if earlier is None:
        return []
    unsent = f"{earlier.rejected:,} rejected, {earlier.failed:,} failed"
    return [
        ("resumed", f"after line {earlier.line:,}; before: {earlier.sent:,} events sent, {unsent}"),
        ("twice", f"at most {earlier.in_doubt:,} events, from calls under way at a kill"),
    ]


def exit_with(report: Report, source: str, *, can_resume: bool) -> None:
    """Exit with a code for scripts and a message for people if anything is left to do."""
    if report.interrupted:
        rest = "; --resume sends the rest" if can_resume else ""
        note(f"interrupted after line {report.last_line:,}{rest}")
        raise typer.Exit(INTERRUPTED)
    if report.stopped:
        rest = "; --resume sends the rest" if can_resume else ""
        stopped = f"{report.stopped} (stopped after line {report.last_line:,}{rest})"
        useless = not (report.sent or report.dry_run)
        raise CommandError(stopped, exit_code=NOTHING_DONE if useless else SOME_NOT_SENT)
    if not (report.read or report.resumed):
        raise CommandError(f"no events in {source}", exit_code=NOTHING_DONE)
    if not report.is_complete:
        raise typer.Exit(SOME_NOT_SENT)
