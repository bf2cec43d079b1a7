"""The monitor's own errors, in addition to those of the connection to Snowflake."""

from __future__ import annotations

from snowflake_setup.session.errors import SetupError


class MonitorError(SetupError):
    """A run that could not do all of its work; the message lists the failures."""
