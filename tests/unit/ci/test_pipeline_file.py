""".gitlab-ci.yml: the jobs of a pipeline, by gitlab-ci-local's reading of its rules, and their permissions."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from ci.login import TOKEN
from config import ROOT
from config.sections.ci import CI_AUDIENCES

FILE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
JOBS: dict[str, dict[str, Any]] = {
    name: {**FILE.get(job.get("extends", ""), {}), **job}
    for name, job in FILE.items()
    if isinstance(job, dict) and "script" in job
}
CHECKS = {"lint", "test", "test-laptop", "nag", "supply-chain", "audit"}
CHANGES = {"deploy", "deploy-production", "destroy"}
Pipeline = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """`pipeline("push", "dev")`: the jobs of a pipeline with their `when`; `main` is the default branch."""
    project = tmp_path_factory.mktemp("project")
    (project / ".gitlab-ci.yml").write_text((ROOT / ".gitlab-ci.yml").read_text())
    author = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    remote = "git@gitlab.example.com:my-group/clickstream.git"

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=project, check=True, env={"PATH": "/usr/bin:/bin", **author})

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "all")
    git("remote", "add", "origin", remote)
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")

    @cache
    def jobs(source: str, branch: str, *, protected: bool = True) -> dict[str, str]:
        git("checkout", "-q", "-B", branch)
        variables = {"CI_PIPELINE_SOURCE": source, "CI_COMMIT_REF_PROTECTED": str(protected).lower()}
        unset = []
        if source == "merge_request_event":
            unset = ["--unset-variable", "CI_COMMIT_BRANCH"]
            variables["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = branch
            variables["CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED"] = str(protected).lower()
        given = [part for pair in variables.items() for part in ("--variable", "=".join(pair))]
        given += ["--ignore-predefined-vars", ",".join(variables)]
        done = subprocess.run(
            [
                ROOT / "node_modules/.bin/gitlab-ci-local",
                "--list-json",
                "--no-evaluate-rule-changes",
                *given,
                *unset,
            ],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout)
        return {job["name"]: job["when"] for job in found if job["when"] != "never"}

    return jobs


@pytest.mark.parametrize(
    ("source", "branch", "protected", "more"),
    [
        ("push", "feature", False, {}),
        ("push", "main", False, {}),
        ("schedule", "main", True, {}),
        ("merge_request_event", "feature", False, {}),
        ("merge_request_event", "main", True, {"synth": "on_success", "diff-merge-request": "on_success"}),
        ("push", "main", True, {"synth": "on_success", "diff": "on_success", "deploy-production": "manual"}),
        (
            "push",
            "dev",
            True,
            {"synth": "on_success", "diff": "on_success", "deploy": "on_success", "destroy": "manual"},
        ),
    ],
)
def test_every_pipeline_runs_the_checks_and_only_a_protected_branch_deploys(
    pipeline: Pipeline, source: str, branch: str, protected: bool, more: dict[str, str]
) -> None:
    assert pipeline(source, branch, protected=protected) == {**dict.fromkeys(CHECKS, "on_success"), **more}


def test_a_token_is_for_one_role_and_never_for_unreviewed_code(pipeline: Pipeline) -> None:
    tokens = {name: job["id_tokens"] for name, job in JOBS.items() if "id_tokens" in job}
    deploying = {name: {TOKEN: {"aud": CI_AUDIENCES["deploy"]}} for name in CHANGES}
    assert tokens == {**deploying, "diff": {TOKEN: {"aud": CI_AUDIENCES["diff"]}}}
    for source, branch, protected in (
        ("merge_request_event", "main", True),
        ("push", "feature", False),
        ("push", "main", False),
    ):
        assert not pipeline(source, branch, protected=protected).keys() & tokens.keys()
    assert "id_tokens" not in FILE["default"]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_deployment_waits_for_every_check_runs_alone_and_uses_the_reviewed_templates(name: str) -> None:
    """Without `needs` a job waits for all earlier CI stages; only synth makes a cdk.out."""
    job = JOBS[name]
    assert "needs" not in job
    assert job["dependencies"] == ["synth"]
    assert job["interruptible"] is False
    assert job["resource_group"] == job["environment"]["name"] == "$ENV"


def test_a_failed_check_stops_the_pipeline() -> None:
    lenient = {
        name
        for name, job in JOBS.items()
        if any(part.get("allow_failure") for part in [job, *job.get("rules", [])])
    }
    assert lenient == {"destroy"}, "which is no step on the way to anything"
    assert JOBS["deploy-production"]["rules"][0]["allow_failure"] is False, "the pipeline waits for it"


@pytest.mark.parametrize("name", JOBS)
def test_jobs_run_verbs_of_the_makefile(name: str) -> None:
    verbs = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    script = JOBS[name]["script"]
    for line in [script] if isinstance(script, str) else script:
        make, verb, *variables = line.split()
        assert make == "make"
        assert verb in verbs
        assert all(re.fullmatch(r"[A-Z]+=\$[A-Z_]+", variable) for variable in variables)


def test_gitlab_finds_the_coverage_in_the_jobs_output() -> None:
    line = "TOTAL                    6180    241   1622    117    95%"
    assert re.findall(JOBS["test"]["coverage"].strip("/"), f"stacks/ops.py  20  100%\n{line}\n", re.M) == [
        "95"
    ]
