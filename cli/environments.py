"""What a command's `--env` means."""

from __future__ import annotations

from cli.output import CommandError
from config.files import ConfigError, load_config
from config.model import PipelineConfig


def load_env(env: str) -> PipelineConfig:
    """The config of one environment.

    Raises:
        CommandError: there is no such environment, or its file is not usable.
    """
    try:
        return load_config(env, chosen_with="--env …")
    except ConfigError as error:
        raise CommandError(str(error), exit_code=2) from None


def load_laptop_env(env: str) -> PipelineConfig:
    """The config of an environment that is meant for the laptop cloud.

    Raises:
        CommandError: as `load_env`, or it is meant for an account.
    """
    config = load_env(env)
    if not config.laptop:
        raise CommandError(
            f"environment {env!r} is for an AWS account, not for the laptop (laptop = true in its config file is missing); "
            f"deploy it with `cdk deploy --all -c env={env}`",
            exit_code=2,
        )
    return config
