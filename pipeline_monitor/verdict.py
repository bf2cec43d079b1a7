"""The decision whether the sources that need no warehouse suffice for a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pipeline_monitor.free_sources import Facts
from pipeline_monitor.reports import Past
from pipeline_monitor.rounds import Round
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.windows import REACH

_EVERY = timedelta(days=1)
# After a comparison, the next one of the same trouble waits: a wake is billed for a minute at least.
_PAUSE, _PAUSE_WINDOWS = timedelta(minutes=30), 6


def due(at: Round, past: Past) -> str:
    """The reason for a comparison that does not depend on what the sources say; empty if there is none."""
    if past.compared is None or at.now - past.compared >= _EVERY:
        return "no complete comparison in a day"
    if past.reported is None or at.now - past.reported > REACH + at.window:
        return "no report in an hour"
    return ""


def disagreement(at: Round, facts: Mapping[WatchedPipe, Facts], past: Mapping[str, Past]) -> str:
    """The reason for a comparison that the sources give; empty if they agree, or were compared a short time ago."""
    found = []
    for pipe, fact in facts.items():
        before = past[pipe.events]
        new = not_judged(at, fact, before)
        if new and not before.missing:
            found.append(f"{pipe.events}: {len(new)} files are not loaded, such as {min(new)}")
        elif _paused(at, before):
            continue
        elif before.missing:
            found.append(f"{pipe.events}: {before.missing:g} files were missing")
        else:
            found += [f"{pipe.events}: {doubt}" for doubt in fact.doubts()]
    return "; ".join(found)


def not_judged(at: Round, fact: Facts, before: Past) -> list[str]:
    """Overlooked files that were too young in the last comparison: that one has judged all others."""
    judged = before.compared - at.file_age if before.compared else fact.since
    overlooked = fact.overlooked(at.file_age, at.now) or {}
    return [path for path, written in overlooked.items() if written >= judged]


def _paused(at: Round, before: Past) -> bool:
    pause = min(_PAUSE, _PAUSE_WINDOWS * at.window)
    return before.compared is not None and at.now - before.compared < max(pause, at.window)
