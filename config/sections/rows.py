"""The `[rows]` and `[more_events.rows]` sections: what analysts query."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from config.sections.values import Section


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
    sessions: bool = Field(
        default=False,
        description="true: a view <TABLE>_SESSIONS of the visits, kept like the events: docs/analysts.md",
    )

    @model_validator(mode="after")
    def _sessions_are_of_events(self) -> Self:
        if self.sessions and self.deduplicate == "none":
            raise ValueError(
                'sessions = true needs each event once: set deduplicate to "view" or "dynamic_table"'
            )
        return self
