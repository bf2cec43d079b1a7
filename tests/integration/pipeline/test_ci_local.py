"""`make ci-local`: jobs run on the committed files as GitLab would run them on a protected default branch."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config import ROOT

PIPELINE = """
stages: [lint]
workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      variables: {ENV: prod}
default:
  before_script: [echo before]
look:
  stage: lint
  rules:
    - if: $CI_COMMIT_REF_PROTECTED == "true"
  script: echo $CI_COMMIT_BRANCH $ENV $(cat file) $(ls)
fail:
  stage: lint
  script: "false"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with uncommitted changes, on another branch."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / ".gitlab-ci.yml").write_text(PIPELINE)
    (tmp_path / "file").write_text("committed\n")
    author = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for command in (["init", "-q", "-b", "feature"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, env={**os.environ, **author})
    (tmp_path / "file").write_text("not committed\n")
    (tmp_path / "leftover").touch()
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def ci_local(project: Path, *jobs: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/ci-local", *jobs], cwd=project, capture_output=True, text=True, check=False
    )


def test_a_job_runs_on_the_committed_files_of_a_protected_default_branch(project: Path) -> None:
    done = ci_local(project, "look")
    assert done.returncode == 0, done.stderr
    assert "> before" in done.stdout
    assert "> main prod committed file scripts" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("look")


def test_a_failed_job_is_reported_and_stops_the_pipeline(project: Path) -> None:
    done = ci_local(project, "fail", "look")
    assert done.returncode == 1
    assert "job fail failed" in done.stderr
    assert "> main" not in done.stdout
