"""The progress of `clickstream send`, its summary, and its exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.output import CommandError, errors, note, print_columns, print_json

if TYPE_CHECKING:
    from producer import Earlier, OnProgress, RejectsFile, Report, Target

NOTHING_DONE, USAGE, SOME_NOT_SENT, INTERRUPTED = 1, 2, 3, 130


@contextmanager
def progress(total: int | None, done: Callable[[Report], int]) -> Iterator[OnProgress | None]:
    """A bar on a terminal; yields the function that moves it."""
    if not errors().is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("reading", total=total)

        def show(report: Report) -> None:
            bar.update(
                task,
                completed=done(report),
                description=f"{report.read:,} read, {report.sent:,} sent, {report.rejected:,} rejected",
            )

        yield show


def print_summary(
    report: Report, target: Target | None, rejects: RejectsFile, spool: Path | None, *, as_json: bool
) -> None:
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
            *_spooled(report, spool),
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


def _spooled(report: Report, spool: Path | None) -> list[tuple[str, str]]:
    if spool is None:
        return []
    return [
        ("drained", f"{report.drained:,} events of earlier sends"),
        ("spooled", f"{report.spooled:,} events wait in {spool}"),
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
        useless = not (report.sent or report.drained or report.spooled or report.dry_run)
        raise CommandError(stopped, exit_code=NOTHING_DONE if useless else SOME_NOT_SENT)
    if not (report.read or report.resumed or report.drained):
        raise CommandError(f"no events in {source}", exit_code=NOTHING_DONE)
    if not report.is_complete:
        raise typer.Exit(SOME_NOT_SENT)
