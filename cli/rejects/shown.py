"""Rejects and results on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cli.output import print_columns, print_json, tell
from cli.rejects.entry import Entry
from cli.rejects.redriving import Outcome

_MOST_SHOWN = 100


def print_entries(entries: Iterable[Entry], redriven: Mapping[str, datetime]) -> None:
    """Print a line for each reject; `redriven` has the time, by id, for each that was."""
    print_columns(
        (
            _time(entry),
            entry.events,
            entry.reason,
            _mark(redriven.get(entry.reject_id)),
            entry.reject_id,
            _short(entry.message),
        )
        for entry in entries
    )


def print_entry(entry: Entry, redriven: Mapping[str, datetime], *, as_json: bool) -> None:
    """Print all of one reject, with its text."""
    described = as_json_object(entry, redriven) | {"source": dict(entry.source)}
    text = entry.data.decode("utf-8", "backslashreplace")
    if as_json:
        print_json(described | {"text": text})
        return
    described["source"] = ", ".join(f"{name} {value}" for name, value in entry.source.items())
    print_columns((name, value or "") for name, value in described.items())
    tell(f"\n{text}")


def as_json_object(entry: Entry, redriven: Mapping[str, datetime]) -> dict[str, Any]:
    """A reject without its text."""
    written = redriven.get(entry.reject_id)
    return {
        "id": entry.reject_id,
        "at": entry.at.isoformat(),
        "events": entry.events,
        "reason": entry.reason,
        "message": entry.message,
        "object": entry.key,
        "redriven": written and _zulu(written),
    }


def _time(entry: Entry) -> str:
    return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _mark(redriven: datetime | None) -> str:
    return f"redriven {_zulu(redriven)}" if redriven else ""


def _zulu(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


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
                "events": outcome.events,
                "redriven_before": len(outcome.before),
                "failed": [{"id": name, "reason": reason} for name, reason in outcome.failed],
                "rejected": outcome.rejected,
                "objects": outcome.objects,
                "missing": missing,
                "interrupted": interrupted,
                "dry_run": dry_run,
            }
        )
        return
    written = f"{outcome.sent:,} rejects, {outcome.events:,} events"
    lines = [
        ("selected", f"{len(outcome.found):,} rejects"),
        ("written", f"none (dry run: {written} would be)" if dry_run else written),
    ]
    if outcome.rejected:
        lines.append(
            (
                "rejected",
                f"{outcome.rejected:,} texts in failed records are no events, and rejects from now on",
            )
        )
    if outcome.before:
        lines.append(("left out", f"{len(outcome.before):,}, written or loaded before"))
    lines += [("not written", f"{name}: {reason}") for name, reason in outcome.failed]
    lines += [("not found", name) for name in missing]
    print_columns(lines)
