"""Columns known by name to several parts of the product, and the event type of the pipeline's own test events."""

from __future__ import annotations

EVENT_ID = "EVENT_ID"
EVENT_TYPE = "EVENT_TYPE"
EVENT_TIME = "TIMESTAMP"
SOURCE_FILE = "SOURCE_FILE"
SOURCE_ROW = "SOURCE_ROW"
LOADED_AT = "LOADED_AT"
RECEIVED_AT = "RECEIVED_AT"
"""Arrival of the record, noted by the event gate."""

EVENT_DATE = "EVENT_DATE"
"""UTC day of an event, in the views for analysts; no column of the table."""

INTERNAL = "_"
"""First letter of the pipeline's own event types, which are not clicks."""
CANARY = f"{INTERNAL}canary"
"""Event type of canaries."""
