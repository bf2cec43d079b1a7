"""The event lake's folders of days: Firehose writes them, and a replaced pipe's missing files are looked up in them."""

from __future__ import annotations

DAY_FOLDER = "dt=%Y-%m-%d/"
"""The folder of a day inside a data prefix, in the notation of strftime; UTC."""
HOUR_FOLDER = f"{DAY_FOLDER}hh=%H/"
"""The folder of an hour, likewise."""
