"""The drills, each with the alarms that must fire."""

from __future__ import annotations

from tests.drills import breakages
from tests.drills.drill import Drill

DRILLS = (
    Drill("the pipe is paused", breakages.pipe_paused, frozenset({"clicks-pipe-not-running"})),
    Drill(
        "the Snowpipe user's access is revoked",
        breakages.access_revoked,
        frozenset({"clicks-pipe-not-running"}),
    ),
    Drill(
        "garbage is sent past the producer",
        breakages.garbage_sent,
        frozenset({"clicks-events-rejected"}),
        pages=0,
    ),
    Drill(
        "the gate's function fails",
        breakages.gate_broken,
        frozenset({"clicks-gate-failing", "clicks-delivery-errors"}),
        pages=0,
    ),
    Drill(
        "the stream is throttled",
        breakages.stream_throttled,
        frozenset({"clicks-stream-writes-throttled"}),
        pages=0,
    ),
    Drill("Firehose's role is broken", breakages.role_broken, frozenset({"clicks-delivery-success"})),
    Drill(
        "Firehose's role stays broken",
        breakages.role_broken,
        frozenset({"clicks-delivery-success", "clicks-delivery-freshness", "clicks-end-to-end-freshness"}),
    ),
    Drill(
        "Snowflake is out of reach",
        breakages.stand_in_stopped,
        frozenset({"monitor-function-errors"}),
    ),
    Drill(
        "S3 does not announce a file",
        breakages.announcement_lost,
        frozenset({"clicks-files-missing"}),
        pages=0,
    ),
    Drill(
        "the bucket's notifications are overwritten for ten minutes",
        breakages.notifications_overwritten,
        frozenset({"clicks-files-missing"}),
        pages=0,
    ),
    Drill(
        "files are written past the gate",
        breakages.files_written,
        frozenset({"clicks-rows-rejected"}),
        pages=0,
        lasting=True,  # it counts the rejected rows of the last hour
    ),
)
