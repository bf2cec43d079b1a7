"""Columns that parts of the product know by name, and the event type of our own test events."""

from __future__ import annotations

EVENT_ID = "EVENT_ID"
EVENT_TYPE = "EVENT_TYPE"
SOURCE_FILE = "SOURCE_FILE"
SOURCE_ROW = "SOURCE_ROW"
LOADED_AT = "LOADED_AT"

INTERNAL = "_"
"""First letter of event types that are ours and nobody's click."""
CANARY = f"{INTERNAL}canary"
"""Event type of canaries."""
