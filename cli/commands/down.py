"""`clickstream down`: the laptop cloud, stopped."""

from __future__ import annotations

from cli.output import tell


def down() -> None:
    """Stop the laptop cloud; what was in it is gone."""
    from cli.laptop import stop_cloud

    stopped = stop_cloud()
    tell("the laptop cloud is stopped" if stopped else "the laptop cloud was not running")
