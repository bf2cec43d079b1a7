"""Sessions: what views and dynamic tables of visits show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from clickstream.snowflake.resource import SnowflakeObject
from clickstream_wire.resources import SessionsOf


@dataclass(frozen=True)
class Sessions:
    """One row a session: a visit (SESSION_ID), or a part of it that half an hour of silence ends.

    Attributes:
        source: the view or dynamic table with each event once, with the columns EVENT_ID, EVENT_TYPE, TIMESTAMP,
            SESSION_ID, PAGE_ID, PLATFORM and EVENT_DATE.
    """

    source: SnowflakeObject

    columns: ClassVar[tuple[str, ...]] = (
        *("SESSION_ID", "PART", "STARTED", "ENDED", "SECONDS", "PAGES"),
        *("PLATFORM", "LANDING_PAGE", "EXIT_PAGE"),
    )
    """Its columns, but for EVENT_DATE, that of the first event."""

    def to_properties(self) -> SessionsOf:
        """The properties that the landing Lambda reads."""
        return {"SessionsOf": self.source.name.to_properties()}
