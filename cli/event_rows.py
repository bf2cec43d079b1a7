"""Which rows of a table are events: not those whose type begins with an underscore, such as the monitor's canaries."""

from __future__ import annotations

# The deduplicated view leaves the same ones out.
IS_EVENT = "NOT STARTSWITH(COALESCE(\"EVENT_TYPE\", ''), '_')"
