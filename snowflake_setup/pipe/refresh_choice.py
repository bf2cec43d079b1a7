"""Making REFRESH select exactly the files that are missing.

REFRESH can select by time and by prefix only. All files newer than the newest loaded file are selected by time with
one statement; older ones (notified late, or failed) by the shortest prefixes of their paths that match no loaded
file, one statement each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

# LIST shows whole seconds, and it is not documented whether MODIFIED_AFTER includes the given second.
_TICK = timedelta(seconds=1)


@dataclass(frozen=True)
class StagedFile:
    """A file of the lake."""

    url: str
    modified: datetime


@dataclass(frozen=True)
class Choice:
    """The parameters of REFRESH statements that select the missing files and no loaded one."""

    everything: bool = False
    modified_after: datetime | None = None
    prefixes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def choose(files: Iterable[StagedFile], loaded: Collection[str]) -> Choice:
    """Select the `files` that are not in `loaded`."""
    files = sorted(files, key=lambda file: file.modified)
    missing = [file for file in files if file.url not in loaded]
    done = [file for file in files if file.url in loaded]
    if not missing:
        return Choice()
    if not done:
        return Choice(everything=True)
    cut = done[-1].modified + _TICK
    older = [file.url for file in missing if file.modified <= cut]
    prefixes, left_out = _covering(older, sorted(file.url for file in done))
    return Choice(
        modified_after=cut if len(missing) > len(older) else None, prefixes=prefixes, left_out=left_out
    )


def _covering(wanted: list[str], avoided: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Prefixes that match all of `wanted` and none of the sorted `avoided`, and the files that have no such prefix."""
    prefixes, without = [], []
    groups = [sorted(wanted)] if wanted else []
    while groups:
        group = groups.pop()
        common = _shared_beginning(group[0], group[-1])
        at = bisect_left(avoided, common)
        if at == len(avoided) or not avoided[at].startswith(common):
            prefixes.append(common)
            continue
        without += [url for url in group if url == common]
        rest = [url for url in group if url != common]
        groups += [list(same) for _, same in groupby(rest, key=lambda url: url[len(common)])]
    return tuple(sorted(prefixes)), tuple(sorted(without))


def _shared_beginning(one: str, other: str) -> str:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return min(one, other, key=len) if length is None else one[:length]
