"""Checks of what a `ClickstreamPipeline` is given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from clickstream.lake.lake import Lake

_NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")


def check_names(*names: str) -> None:
    """Refuse names of a pipeline or kind of event from which no names of resources can be made.

    Raises:
        ValueError: one of them is such a name.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"a pipeline and its kinds of event need names of 1 to 21 lower-case letters, digits and hyphens, a "
                f"letter first; got {name!r}"
            )


def check_kinds(what: str, given: Mapping[str, object], events: Mapping[str, object]) -> None:
    """Refuse what is given for no kind of event.

    Raises:
        ValueError: there is such a thing.
    """
    if unknown := given.keys() - events.keys():
        raise ValueError(
            f"each {what} must be for a kind of event: {', '.join(sorted(unknown))} is none of {', '.join(events)}"
        )


def check_folders(lake: Lake, folders: Iterable[str]) -> None:
    """Refuse a lake without these folders.

    Raises:
        ValueError: it lacks one.
    """
    if missing := [folder for folder in folders if folder not in lake.data_prefixes]:
        raise ValueError(
            f"the lake {lake.node.path} needs a data prefix for each kind of event: it has "
            f"{', '.join(lake.data_prefixes)}, but not {', '.join(missing)}"
        )
