"""Judgement of a run: what is lost, doubled, or listed otherwise than it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.lake import Lake, Rows
from tests.chaos.plan import Bad, Plan
from tests.chaos.scene import Scene

_SHOWN = 3
_STATES = ("missing_files", "missing_lines", "waiting_files", "unexplained", "failed_records")
# Words of loads: a row, or all that follows one that cannot be read.
_BY_LOADS = ("row_refused", "file_refused")
_NOT_READ, _NOT_SENT = "not_read", "not_sent"


def missing_found(
    lake: Lake, missing: Mapping[str, set[int]], report: Mapping[str, Any], twice: set[str]
) -> Iterator[str]:
    """`clickstream reconcile` must have found exactly the missing lines.

    Args:
        lake: has the objects of the run; in others, nothing is compared.
        missing: the lines by an independent count.
        report: from `clickstream reconcile --count-lines --json`.
        twice: files that may be loaded twice.
    """
    found: dict[str, set[int]] = {}
    for hour in report["hours"]:
        for key in hour["missing_files"]:
            lines = enumerate(filter(None, lake.lines.get(key, ())), start=1)
            found[key] = {number for number, line in lines if line in lake.plan.events}
        for key, ranges in hour["missing_lines"].items():
            found[key] = _numbers(ranges)
        for state in ("doubled", "unexplained", "waiting_files"):
            yield from some(f"{state} before the repair", (lake.lines.keys() & set(hour[state])) - twice)
    for key in sorted(missing.keys() | found.keys()):
        ids = dict(enumerate(filter(None, lake.lines.get(key, ())), start=1))
        ours, theirs = missing.get(key, set()), found.get(key, set())
        more = {number for number in theirs - ours if _must_not_be_missing(ids.get(number), lake.plan)}
        if ours - theirs or more:
            yield f"{key}: missing and not found {sorted(ours - theirs)}, found and not missing {sorted(more)}"


def nothing_left(report: Mapping[str, Any], twice: set[str]) -> Iterator[str]:
    """After the repair all must be complete, but for files that may be loaded twice."""
    for hour in report["hours"]:
        left = {state: hour[state] for state in _STATES if hour[state]}
        left |= {"doubled": hour["doubled"].keys() - twice} if hour["doubled"].keys() - twice else {}
        if left:
            yield f"{hour['hour']} is {hour['verdict']} after the repair: {left}"


def _must_not_be_missing(name: str | None, plan: Plan) -> bool:
    """False for what only breaks a rule of the contract, which past the gate a load decides about, and for canaries."""
    return name in plan.events or (name in plan.bad and plan.bad[name].text.reason != "contract")


def events_in_view(scene: Scene, plan: Plan) -> Iterator[str]:
    """Every event must be in the deduplicated view once, and nothing else."""
    rows = scene.laptop.query(
        f"SELECT event_id FROM {scene.clicks.view} WHERE STARTSWITH(event_id, '{plan.run}-')"
    )
    found = Counter(row["EVENT_ID"] for row in rows)
    yield from some("events not in the view", plan.events - found.keys())
    yield from some("ids in the view that are no events", found.keys() - plan.events)
    yield from some("events more than once in the view", (each for each, n in found.items() if n > 1))


def rows_in_table(lake: Lake, rows: Rows) -> Iterator[str]:
    """Every line of the lake must be a row once, repaired or not."""
    due, found = lake.due, rows.all
    yield from some("rows missing in the table", (due - found).elements())
    yield from some("rows too many in the table", (found - due).elements())


def texts_listed(
    lake: Lake, plan: Plan, listed: Sequence[Mapping[str, Any]], refused: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Every malformed text must be listed once, with its reason.

    Args:
        lake: has the texts of the rejects.
        plan: has the malformed texts.
        listed: from `clickstream rejects list --file … --json`.
        refused: the entries of the producer's rejects file.
    """
    entries: dict[str, list[tuple[str, str, bytes]]] = {}
    not_sent = sorted(entry["message"] for entry in listed if entry["reason"] == _NOT_SENT)
    reasons = sorted(entry["reason"] for entry in refused)
    # What the list adds is that the text was cut.
    if len(not_sent) != len(reasons) or not all(map(str.startswith, not_sent, reasons)):
        yield f"{len(refused)} entries in the producer's file, {len(not_sent)} of them listed"
    for entry in listed:
        if entry["redriven"] or entry["reason"] in (_NOT_READ, _NOT_SENT):
            continue
        text = _text_of(lake, entry)
        for found in set(lake.ids_in(text)) if text is not None else ():
            entries.setdefault(found, []).append((entry["reason"], entry["message"], text or b""))
    for entry in refused:
        text = entry["event"].encode("utf-8", "surrogateescape")
        for found in set(lake.ids_in(text)):
            entries.setdefault(found, []).append(("", entry["reason"], text))
    yield from some("malformed texts not listed", plan.bad.keys() - entries.keys())
    yield from some("events listed as rejects", entries.keys() - plan.bad.keys())
    for name in plan.bad.keys() & entries.keys():
        yield from _as_expected(name, plan.bad[name], entries[name])


def _as_expected(name: str, bad: Bad, found: list[tuple[str, str, bytes]]) -> Iterator[str]:
    if len(found) > 1:
        yield f"{name} ({bad.way}, {bad.path}): listed {len(found)} times: {[each[:2] for each in found]}"
        return
    ((reason, message, text),) = found
    gated = reason not in _BY_LOADS
    if gated and bad.text.says not in message:
        yield f"{name} ({bad.way}, {bad.path}): {bad.text.says!r} expected, the reason is {message!r}"
    if bad.path == "stream":
        if reason != bad.text.reason:
            yield f"{name} ({bad.way}): reason {bad.text.reason!r} expected, got {reason!r}"
        if text != (bad.text.kept or bad.text.data):
            yield f"{name} ({bad.way}): sent as {bad.text.data[:80]!r}, kept as {text[:80]!r}"


def _text_of(lake: Lake, entry: Mapping[str, Any]) -> bytes | None:
    """The text of a listed reject, read from the lake; None for one of another run."""
    if (text := lake.rejected.get((entry["object"], entry["id"]))) is not None:
        return text
    line = entry["id"].removeprefix(entry["object"]).lstrip(":")
    lines = lake.lines.get(entry["object"], [])
    if line.isdigit() and int(line) <= len(lines):
        return (lines[int(line) - 1] or "").encode()
    return None


def _numbers(ranges: str) -> set[int]:
    numbers = set[int]()
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def some(what: str, names: Iterable[str]) -> Iterator[str]:
    found = sorted(names)
    if found:
        yield f"{what}: {len(found):,}, such as {', '.join(found[:_SHOWN])}"
