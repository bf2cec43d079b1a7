"""`clickstream up`, `down` and `env`: the laptop cloud, kept running."""

from __future__ import annotations

import shlex

from cli.environments import load_laptop_env
from cli.laptop import DEPLOYED_ENV, UP_STATE, deploy, started_cloud
from cli.options import LaptopEnv
from cli.output import errors, results, step
from laptop.cloud.cloud import LaptopCloud

# What config/local*.toml is made for: alarms that go off while one watches.
MINUTE_SECONDS = 10.0


def up(env: LaptopEnv = "local") -> None:
    """Start the laptop cloud, deploy the pipeline to it, and leave it running.

    Where it runs already, the pipeline is deployed again, as it is now.

    \b
    clickstream up
    clickstream send --count 1000
    clickstream query 'SELECT COUNT(*) FROM click_events'
    clickstream down
    """
    config = load_laptop_env(env)
    cloud = LaptopCloud(UP_STATE)
    if cloud.status().running:
        errors.print("the laptop cloud is running already; deploying to it")
    else:
        DEPLOYED_ENV.unlink(missing_ok=True)
        with step("laptop cloud: AWS emulator, Snowflake stand-in and dashboard page"):
            cloud.start(region=config.region, minute_seconds=MINUTE_SECONDS, page=True)
    deploy(cloud, config)
    DEPLOYED_ENV.write_text(env)
    results.print(f"ready: environment {env}. Try `clickstream send --count 1000`, stop with `make down`")
    if cloud.page_address:
        results.print(f"dashboard: {cloud.page_address}")


def down() -> None:
    """Stop the laptop cloud; what was in it is gone."""
    cloud = LaptopCloud(UP_STATE)
    stopped = cloud.stop()
    results.print("the laptop cloud is stopped" if stopped else "the laptop cloud was not running")


def env() -> None:
    """Print the shell settings that point AWS tools at the laptop cloud.

    \b
    eval "$(clickstream env)"
    cdk diff --context env=local
    """
    for name, value in started_cloud().environment().items():
        print(f"export {name}={shlex.quote(value)}")
