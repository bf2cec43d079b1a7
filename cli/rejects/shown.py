"""Rejects and results on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from cli.output import print_columns, print_json
from cli.rejects.entry import Entry
from cli.rejects.redriving import Outcome

_MOST_SHOWN = 100


def print_entries(entries: Iterable[Entry], redriven: Mapping[str, str | None]) -> None:
    """Print a line for each reject; `redriven` has the time for each object of the gate or Firehose."""
    print_columns(
        (
            _time(entry),
            entry.events,
            entry.reason,
            _mark(redriven.get(entry.key)),
            entry.reject_id,
            _short(entry.message),
        )
        for entry in entries
    )


def as_json_object(entry: Entry) -> dict[str, Any]:
    """A reject without its text."""
    return {
        "id": entry.reject_id,
        "at": entry.at.isoformat(),
        "events": entry.events,
        "reason": entry.reason,
        "message": entry.message,
        "object": entry.key,
    }


def _time(entry: Entry) -> str:
    return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _mark(redriven: str | None) -> str:
    return f"redriven {redriven}" if redriven else ""


def _short(message: str) -> str:
    return message if len(message) <= _MOST_SHOWN else f"{message[: _MOST_SHOWN - 1]}…"


def print_outcome(
    outcome: Outcome, missing: list[str], *, dry_run: bool, interrupted: bool, as_json: bool
) -> None:
    """Print the result of a redrive; `missing` are ids that were not found."""
    if as_json:
        print_json(
            {
                "selected": len(outcome.found),
                "sent": outcome.sent,
                "redriven_before": len(outcome.before),
                "failed": [{"id": name, "reason": reason} for name, reason in outcome.failed],
                "missing": missing,
                "unmarked": outcome.unmarked,
                "stopped": outcome.stopped,
                "interrupted": interrupted,
                "dry_run": dry_run,
            }
        )
        return
    lines = [
        ("selected", f"{len(outcome.found):,} rejects"),
        ("sent", f"0 (dry run: {outcome.sent:,} would be)" if dry_run else f"{outcome.sent:,}"),
    ]
    if outcome.before:
        lines.append(("left out", f"{len(outcome.before):,}, redriven before; --again sends them, too"))
    lines += [("not sent", f"{name}: {reason}") for name, reason in outcome.failed]
    lines += [("not found", name) for name in missing]
    lines += [("not marked", reason) for reason in outcome.unmarked]
    print_columns(lines)
