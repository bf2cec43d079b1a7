"""`make ci-local`: jobs run as GitLab would run them, on what is committed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ci.local import clone_head, jobs_to_run, run_job
from cli.output import CommandError
from config import ROOT

PIPELINE = """
environments: [lint, test]
workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      variables: {ENV: prod}
default:
  image: python:3.11-slim-bookworm
  before_script: [echo before >> seen]
look:
  environment: lint
  rules:
    - if: $CI_COMMIT_REF_PROTECTED == "true"
  script: echo "$CI_COMMIT_BRANCH $ENV $(cat file)" >> seen
fail:
  environment: test
  script: "false"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a project whose work tree is not clean, on a branch of another name."""
    source, copy = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    (source / ".gitlab-ci.yml").write_text(PIPELINE)
    (source / "file").write_text("committed\n")
    author = {
        f"GIT_{who}_{what}": "somebody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    for command in (["init", "-q", "-b", "feature"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=source, check=True, env={**os.environ, **author})
    (source / "file").write_text("not committed\n")
    (source / "leftover").write_text("")
    clone_head(source, copy)
    return copy


def test_a_job_sees_what_is_committed_in_the_pipeline_of_a_protected_default_branch(clone: Path) -> None:
    run_job(clone, "look")
    assert (clone / "seen").read_text().splitlines() == ["before", "main prod committed"]
    assert not (clone / "leftover").exists()


def test_it_runs_the_checks_in_order_and_leaves_out_what_needs_an_account_or_the_network() -> None:
    assert jobs_to_run(ROOT) == ["lint", "test", "nag", "supply-chain", "synth"]


def test_a_job_that_fails_is_told(clone: Path) -> None:
    with pytest.raises(CommandError, match="job fail failed with exit code"):
        run_job(clone, "fail")


def test_its_rsync_copies_what_git_tracks(clone: Path, tmp_path: Path) -> None:
    """Many machines have none; gitlab-ci-local calls it even where it has no use for the copy."""
    (clone / "build product").write_text("")
    copy = tmp_path / "copy"
    subprocess.run(
        [ROOT / "ci/without_rsync/rsync", "-a", "--delete", "./", f"{copy}/"], cwd=clone, check=True
    )
    assert sorted(path.name for path in copy.iterdir()) == [".gitlab-ci.yml", "file"]
