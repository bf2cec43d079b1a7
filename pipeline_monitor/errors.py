"""What can go wrong beside what the connection to Snowflake has errors for."""

from __future__ import annotations

from snowflake_setup.session.errors import SetupError


class MonitorError(SetupError):
    """A run that could not do all of its work: it says what not, and why."""
