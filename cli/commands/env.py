"""`clickstream env`: the laptop's shell variables."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from typing import Annotated

import typer

# The shell's previous values, for --unset.
_BEFORE = "CLICKSTREAM_ENV_BEFORE"


def env(
    unset: Annotated[bool, typer.Option("--unset", help="Restore the shell's previous values.")] = False,
) -> None:
    """Print the shell variables of the laptop cloud.

    They point tools for AWS and Snowflake at the laptop cloud, and are not related to --env. Variables that point
    elsewhere, such as AWS_PROFILE, are unset.

    \b
    eval "$(clickstream env)"
    cdk diff --context env=local
    snow sql --query 'SHOW TABLES'
    eval "$(clickstream env --unset)"
    """
    before: dict[str, str | None] = json.loads(os.environ.get(_BEFORE, "{}"))
    if unset:
        _print({**before, _BEFORE: None})
        return
    from cli.laptop import in_the_way, started_cloud

    settings = started_cloud().environment()
    wanted: dict[str, str | None] = {**dict.fromkeys(in_the_way(settings)), **settings}
    before = {name: os.environ.get(name) for name in wanted} | before
    _print({**wanted, _BEFORE: json.dumps(before)})


def _print(settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
