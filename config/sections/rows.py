"""The `[rows]` and `[more_events.rows]` sections: what analysts query."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.sections.values import Section


class RowsConfig(Section):
    """The rows that analysts query: docs/analysts.md."""

    deduplicate: Literal["view", "none"] = Field(
        default="view",
        description="view: a view shows each event once; none: there is no view",
    )
    late_days: int = Field(
        default=7,
        ge=0,
        le=365,
        description="how many days after an event its copies may arrive: a later one counts as another event",
    )
