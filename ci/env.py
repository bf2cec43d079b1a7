"""Which environment a branch stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ci.surroundings import Surroundings
from cli.output import CommandError
from config.files import CONFIG_DIR, environments_in, load_config
from config.model import PipelineConfig


def env(
    name: Annotated[str, typer.Argument(help="The environment that the pipeline took the branch for.")],
) -> None:
    """Check that the pipeline's branch stands for an environment, and say for which."""
    around = Surroundings()
    if around.in_pipeline:
        check_branch(name, around)
    config = load_config(name, chosen_with="ENV=…")
    print(f"environment {name} (config/{name}.toml), deployed from branch {config.names.ci_branch}")


def check_branch(name: str, around: Surroundings) -> None:
    """Refuse to work on an environment in the pipeline of a branch that does not stand for it.

    Raises:
        CommandError: the branch stands for no environment, or for another one.
    """
    found = stage_of_branch(around.branch)
    if found != name:
        raise CommandError(
            f"branch {around.branch!r} stands for environment {found}, but the pipeline says {name}: "
            "name it in the rules of .gitlab-ci.yml's workflow, as for prod",
            exit_code=2,
        )


def check_change(config: PipelineConfig, around: Surroundings, *, by_hand: bool) -> None:
    """Refuse to change an environment in a pipeline that may not.

    Args:
        config: the environment.
        around: the job.
        by_hand: whether somebody must have started this very job.

    Raises:
        CommandError: as `check_branch`, or nobody reviewed what is to be done, or nobody asked for it.
    """
    check_branch(config.env, around)
    if around.is_merge_request:
        raise CommandError("a merge request changes no environment: nobody reviewed it yet")
    if by_hand and not around.started_by_hand:
        raise CommandError(
            f"only a job that somebody starts may do this to environment {config.env}: "
            "it needs `when: manual` in .gitlab-ci.yml"
        )


def stage_of_branch(branch: str, directory: Path = CONFIG_DIR) -> str:
    """The environment whose config file names the branch, or has its name.

    Raises:
        ConfigError: one of the files is not usable.
        CommandError: no environment or more than one is deployed from that branch.
    """
    environments = _deployed_stages(directory)
    found = [config.env for config in environments if config.names.ci_branch == branch]
    if len(found) > 1:
        raise CommandError(
            f"branch {branch!r} stands for {' and '.join(found)}; give one another ci.branch", exit_code=2
        )
    if not found:
        known = ", ".join(f"{config.env} (branch {config.names.ci_branch})" for config in environments)
        raise CommandError(
            f"branch {branch!r} stands for no environment: there are {known or 'none'}. "
            f"Add config/{branch}.toml, or set ci.branch in the file of an environment",
            exit_code=2,
        )
    return found[0]


def _deployed_stages(directory: Path) -> list[PipelineConfig]:
    """Those that are for an account; a laptop has no branch."""
    configs = [load_config(name, directory) for name in environments_in(directory)]
    return [config for config in configs if not config.laptop]
