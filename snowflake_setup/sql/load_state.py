"""States of a file's load, as COPY_HISTORY shows them.

Only Loaded and Partially loaded mean that the file's rows are in the table. Any other state that has ended, documented
or new, counts as failed, and Load in progress as neither: Snowpipe may commit a file's rows in several transactions.
https://docs.snowflake.com/en/sql-reference/functions/copy_history,
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class LoadState(Enum):
    """The outcome of a file's load, if it has one."""

    LOADED = auto()
    FAILED = auto()
    IN_PROGRESS = auto()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> LoadState:
        """The state in a row of the history, from its `status` and `row_count`."""
        match str(row["status"]).strip().lower():
            case "loaded":  # without rows, too: the file was empty
                return cls.LOADED
            case "partially loaded" if int(row["row_count"] or 0):
                return cls.LOADED
            case "load in progress":
                return cls.IN_PROGRESS
        return cls.FAILED
