"""The `[rows]` and `[more_events.rows]` sections: what analysts query."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from config.sections.values import Section

_LOAD_HISTORY_DAYS = 14


class RowsConfig(Section):
    """The rows that analysts query: docs/analysts.md."""

    deduplicate: Literal["view", "dynamic_table", "none"] = Field(
        default="view",
        description="each event once: computed by each query of the view; kept in a dynamic table that the view reads; "
        "or there is no view",
    )
    late_days: int = Field(
        default=7,
        ge=0,
        le=365,
        description="how many days after an event its copies may arrive: a later one counts as another event",
    )
    target_lag_minutes: int = Field(
        default=60,
        ge=1,
        le=10_080,
        description="dynamic_table only: how old its rows may be; each refresh wakes the warehouse: docs/costs.md",
    )
    keep_days: int = Field(
        default=0,
        ge=0,
        le=3650,
        description="days until Snowflake deletes rows, 15 or more and more than late_days; 0: never; the lake: "
        "storage.expire_events_after_days",
    )
    sessions: bool = Field(
        default=False,
        description="true: a view <TABLE>_SESSIONS of the visits, kept like the events: docs/analysts.md",
    )

    @property
    def kept_for(self) -> timedelta | None:
        """The time for which a row stays for sure: a day less, since dates are compared, in the account's time zone."""
        return timedelta(days=self.keep_days - 1) if self.keep_days else None

    @model_validator(mode="after")
    def _sessions_are_of_events(self) -> Self:
        if self.sessions and self.deduplicate == "none":
            raise ValueError(
                'sessions = true needs each event once: set deduplicate to "view" or "dynamic_table"'
            )
        return self

    @model_validator(mode="after")
    def _rows_outlive_their_need(self) -> Self:
        # Snowpipe remembers the files it has loaded for 14 days, and a replaced pipe is given those of the last 7:
        # what it must not load again, the rows say. https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
        for needed, why in (
            (_LOAD_HISTORY_DAYS, "the days for which Snowpipe knows the files it has loaded"),
            (self.late_days, "late_days, the days within which a copy of an event may arrive"),
        ):
            if 0 < self.keep_days <= needed:
                raise ValueError(
                    f"keep_days = {self.keep_days} must be more than {needed}, {why}; or 0, to keep all rows"
                )
        return self
