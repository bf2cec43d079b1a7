"""The folders of the lake whose files REFRESH can still reach.

Listing a whole lake takes minutes: 400 days of one file a minute are 576,000 names, at 1,000 a request. So a stage
whose files are in folders of days is listed day by day, as Snowflake recommends for REFRESH
(https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3).

Firehose names the folder after the arrival of the oldest record in the file, in UTC
(https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html). The file is written later: after the buffer's time,
and after an outage of up to 24 hours, or of the Data Stream's retention
(https://docs.aws.amazon.com/firehose/latest/dev/troubleshooting.html). A week is assumed. After a longer outage, or if
a file was put into an older folder by hand while a pipe was replaced, `clickstream reconcile` finds what is missing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from snowflake_setup.session.properties import Properties

REACH = timedelta(days=7)
"""REFRESH loads files that landed within this time. https://docs.snowflake.com/en/sql-reference/sql/alter-pipe"""

_OUTAGE = timedelta(days=7, hours=2)
_CLOCKS_DIFFER = timedelta(hours=1)

_DAY_FOLDER = re.compile(r"(?:(?:[A-Za-z0-9_=.-]|%[Ymd])+/)*")


def read_day_folder(properties: Properties) -> str:
    """The property DayFolder; without it, the whole stage is listed."""
    form = "folders that end in a slash, in the notation of strftime, with %Y, %m and %d only"
    return properties.matching("DayFolder", _DAY_FOLDER, form, "")


def folders(day_folder: str, now: datetime) -> list[str]:
    """The folders that may hold files within reach, the newest first.

    Args:
        day_folder: the folder of a day, in the notation of strftime; empty if the files are in no such folders.
        now: the present, in UTC.
    """
    if not day_folder:
        return [""]
    last = (now + _CLOCKS_DIFFER).date()
    days = (last - (now - REACH - _OUTAGE).date()).days
    return [(last - timedelta(days=number)).strftime(day_folder) for number in range(days + 1)]
