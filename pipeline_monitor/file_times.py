"""Freshness and latency from end to end, by the files that were loaded: an upper bound for each of their events.

A canary goes into a file each minute, but only the table says into which. So without a warehouse the oldest event of a
file stands for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from pipeline_monitor.lake import Files
from pipeline_monitor.loads import FileLoad, file_name

# Firehose names a file <stream>-<version>-YYYY-MM-dd-HH-MM-SS-<random>, by the arrival of its oldest record.
# https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
_ARRIVED = re.compile(r"-(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)-")


def oldest_events(loads: Iterable[FileLoad], landed: Files) -> dict[datetime, datetime]:
    """The time at which the oldest event of each file became a row, by the time at which it arrived."""
    written = {file_name(path): at for path, at in landed.items()}
    times: dict[datetime, datetime] = {}
    for load in loads:
        if load.is_in and load.rows:
            arrived = _arrived(load.file) or written.get(load.file, load.received)
            # A name is whatever its writer chose: no event is newer than its row.
            arrived = min(arrived, load.committed)
            times[arrived] = max(load.committed, times.get(arrived, load.committed))
    return times


def _arrived(name: str) -> datetime | None:
    found = _ARRIVED.search(name)
    try:
        return datetime.fromisoformat("{}T{}:{}:{}Z".format(*found.groups())) if found else None
    except ValueError:
        return None
