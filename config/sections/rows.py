"""The `[rows]` and `[more_events.rows]` sections: what analysts query."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

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
