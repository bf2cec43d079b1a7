"""What a command's `--stage` means."""

from __future__ import annotations

from cli.output import CommandError
from config.files import ConfigError, load_config
from config.model import PipelineConfig


def load_stage(stage: str) -> PipelineConfig:
    """The config of one stage.

    Raises:
        CommandError: there is no such stage, or its file is not usable.
    """
    try:
        return load_config(stage, chosen_with="--stage …")
    except ConfigError as error:
        raise CommandError(str(error), exit_code=2) from None


def load_laptop_stage(stage: str) -> PipelineConfig:
    """The config of a stage that is meant for the laptop cloud.

    Raises:
        CommandError: as `load_stage`, or it is meant for an account.
    """
    config = load_stage(stage)
    if not config.laptop:
        raise CommandError(
            f"stage {stage!r} is for an AWS account, not for the laptop (laptop = true in its config file is missing); "
            f"deploy it with `cdk deploy --all -c stage={stage}`",
            exit_code=2,
        )
    return config
