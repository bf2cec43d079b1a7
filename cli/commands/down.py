"""`clickstream down`: stop the laptop cloud."""

from __future__ import annotations

from cli.output import tell


def down() -> None:
    """Stop the laptop cloud and discard its data."""
    from cli.laptop import stop_cloud

    stopped = stop_cloud()
    tell("the laptop cloud is stopped" if stopped else "the laptop cloud was not running")
