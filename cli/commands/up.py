"""`clickstream up`: start the laptop cloud, deploy the pipeline, leave both running."""

from __future__ import annotations

from cli.options import DEFAULT_ENV, LaptopEnv
from cli.output import shown, tell


def up(env: LaptopEnv = DEFAULT_ENV) -> None:
    """Keep the pipeline running on this laptop.

    Starts the laptop cloud and deploys to it. If it already runs, the present state of the project is deployed again.

    \b
    clickstream up
    clickstream send --count 1000
    clickstream query 'SELECT COUNT(*) FROM click_events'
    clickstream down
    """
    from cli.laptop import Laptop, load_laptop_env

    laptop = Laptop.kept_running(load_laptop_env(env))
    named = "" if env == DEFAULT_ENV else f"--env {env} "
    tell(f"ready: environment {env}. Try `clickstream send {named}--count 1000`, stop with `make down`")
    tell(
        f"connection of Snowflake's clients: {shown(laptop.cloud.connections)}; "
        '`eval "$(clickstream env)"` points snow, aws and SQLAlchemy at the laptop (docs/laptop.md)'
    )
    if laptop.cloud.page_address:
        tell(f"dashboard: {laptop.cloud.page_address}")
