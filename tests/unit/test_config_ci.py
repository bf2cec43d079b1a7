"""The section `[ci]`: whom an account trusts, and who creates the provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.files import ConfigError, load_config
from tests.unit.config_files import MINIMAL, refusal, write

PIPELINE = 'account = "111122223333"\nregion = "eu-west-1"\n[ci]\nproject_path = "my-group/clickstream"\n'


def test_an_environment_with_ci_names_its_account(tmp_path: Path) -> None:
    (_, line) = refusal(tmp_path, f'[ci]\nproject_path = "my-group/clickstream"\n{MINIMAL}')
    assert line.startswith("  - ci.project_path needs account and region")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("branch", "*"),
        ("branch", "release/*"),
        ("project_path", "my-group/*"),
        ("project_path", "my-group"),
        ("gitlab_url", "http://gitlab.com"),
        ("gitlab_url", "https://gitlab.com/"),
        ("gitlab_url", "https://gitlab.example.com:8443"),
    ],
)
def test_pipelines_are_trusted_by_exact_names_only(tmp_path: Path, key: str, value: str) -> None:
    (_, line) = refusal(tmp_path, f'[ci]\n{key} = "{value}"\n{MINIMAL}')
    assert line.startswith(f"  - ci.{key} = '{value}' does not fit: ")


def test_one_environment_of_an_account_creates_the_provider(tmp_path: Path) -> None:
    write(tmp_path, f"{PIPELINE}{MINIMAL}", "dev")
    with pytest.raises(ConfigError, match=r"environments mine and dev would both create the OIDC provider"):
        load_config("mine", write(tmp_path, f"{PIPELINE}{MINIMAL}"))
    for apart in (
        f"{PIPELINE}create_provider = false\n{MINIMAL}",
        f"{PIPELINE}gitlab_url = 'https://git.example.com'\n{MINIMAL}",
        f"{PIPELINE.replace('1111', '4444')}{MINIMAL}",
    ):
        assert load_config("mine", write(tmp_path, apart)).ci.project_path


def test_mistakes_in_other_environments_are_not_reported(tmp_path: Path) -> None:
    write(tmp_path, "[ci]\nbranch = 3\n", "broken")
    assert load_config("mine", write(tmp_path, f"{PIPELINE}{MINIMAL}")).names.ci_branch == "mine"
