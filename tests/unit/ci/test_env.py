"""A branch stands for an environment, or the pipeline says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci.env import check_branch, check_change, stage_of_branch
from ci.surroundings import Surroundings
from cli.output import CommandError
from config.files import ConfigError
from tests.unit.ci.conftest import MERGE_REQUEST, PUSH, stage_config

MINIMAL = '[snowflake]\naccount = "myorg-myaccount"\n'


@pytest.fixture
def environments(tmp_path: Path) -> Path:
    for name, more in {
        "dev": "",
        "prod": '[ci]\nbranch = "main"\n',
        "local": "laptop = true\n",
    }.items():
        (tmp_path / f"{name}.toml").write_text(more + MINIMAL)
    return tmp_path


def test_a_branch_stands_for_the_stage_of_its_name_or_the_one_that_names_it(environments: Path) -> None:
    assert [stage_of_branch(branch, environments) for branch in ("dev", "main")] == ["dev", "prod"]


@pytest.mark.parametrize("branch", ["feature", "prod", "local", ""])
def test_a_branch_without_a_stage_is_told_what_there_is(environments: Path, branch: str) -> None:
    with pytest.raises(CommandError) as caught:
        stage_of_branch(branch, environments)
    assert str(caught.value) == (
        f"branch {branch!r} stands for no environment: there are dev (branch dev), prod (branch main). "
        f"Add config/{branch}.toml, or set ci.branch in the file of an environment"
    )


def test_a_branch_that_two_stages_claim_stands_for_none(environments: Path) -> None:
    (environments / "main.toml").write_text(MINIMAL)
    with pytest.raises(CommandError, match=r"branch 'main' stands for main and prod"):
        stage_of_branch("main", environments)


def test_a_broken_config_file_is_told(environments: Path) -> None:
    (environments / "qa.toml").write_text("nonsense")
    with pytest.raises(ConfigError, match=r"qa.toml is not TOML"):
        stage_of_branch("main", environments)


def test_this_repositorys_pipeline_and_files_agree() -> None:
    for branch, name in {"main": "prod", "dev": "dev"}.items():
        for variables in (
            {**PUSH, "CI_COMMIT_BRANCH": branch},
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": branch},
        ):
            check_branch(name, Surroundings(variables))


def test_a_pipeline_that_takes_a_branch_for_another_stage_stops() -> None:
    with pytest.raises(
        CommandError, match=r"branch 'dev' stands for environment dev, but the pipeline says prod"
    ):
        check_branch("prod", Surroundings({**PUSH, "CI_COMMIT_BRANCH": "dev"}))


def test_a_merge_request_changes_nothing() -> None:
    prod = stage_config(env="prod")
    check_change(prod, Surroundings(PUSH), by_hand=False)
    with pytest.raises(CommandError, match="a merge request changes no environment"):
        check_change(prod, Surroundings(MERGE_REQUEST), by_hand=False)


def test_some_changes_want_somebody_who_starts_the_job() -> None:
    prod = stage_config(env="prod")
    check_change(prod, Surroundings({**PUSH, "CI_JOB_MANUAL": "true"}), by_hand=True)
    with pytest.raises(CommandError, match="only a job that somebody starts may do this to environment prod"):
        check_change(prod, Surroundings(PUSH), by_hand=True)
