"""What GitLab's schema cannot say of .gitlab-ci.yml: who runs when, with which rights, and that a job is a verb."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ci.login import TOKEN
from config import ROOT
from config.sections.ci import CI_AUDIENCES
from tests.unit.ci.pipeline_file import holds, jobs, load, merge_request, pipeline, push

JOBS = jobs()
CHECKS = {"lint", "test", "nag", "supply-chain", "audit"}


def script(job: dict[str, Any]) -> list[str]:
    return [job["script"]] if isinstance(job["script"], str) else list(job["script"])


def made(variables: dict[str, str]) -> tuple[str, dict[str, str]]:
    found = pipeline(**variables)
    assert found is not None
    return found


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_verbs_of_the_makefile_and_nothing_else(name: str) -> None:
    verbs = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in script(JOBS[name]):
        assert re.fullmatch(r"make [a-z-]+", line), line
        assert line.removeprefix("make ") in verbs
    assert "before_script" not in JOBS[name]
    assert "after_script" not in JOBS[name]


@pytest.mark.parametrize("name", JOBS)
def test_what_a_job_needs_is_there_and_comes_no_later(name: str) -> None:
    job, stages = JOBS[name], load()["stages"]
    for other in [*job.get("needs", []), *job.get("dependencies", [])]:
        assert stages.index(JOBS[other]["stage"]) <= stages.index(job["stage"])
        assert "paths" in JOBS[other]["artifacts"], "nothing comes from there"


def test_every_stage_has_a_job_and_they_come_in_this_order() -> None:
    assert load()["stages"] == ["lint", "test", "security", "diff", "deploy", "destroy"]
    assert {job["stage"] for job in JOBS.values()} == set(load()["stages"])


def test_a_branch_without_a_merge_request_is_checked() -> None:
    stage, found = made(push("feature", protected=False))
    assert (stage, set(found)) == ("feature", CHECKS)


@pytest.mark.parametrize(("target", "stage"), [("main", "prod"), ("dev", "dev")])
def test_a_merge_request_is_compared_and_changes_nothing(target: str, stage: str) -> None:
    assert made(merge_request(target)) == (
        stage,
        dict.fromkeys(CHECKS | {"synth", "diff-merge-request"}, "automatic"),
    )


def test_a_merge_request_into_a_branch_without_a_stage_is_only_checked() -> None:
    _, found = made(merge_request("feature", protected=False))
    assert set(found) == CHECKS


def test_the_default_branch_deploys_production_when_somebody_says_so() -> None:
    stage, found = made(push("main"))
    assert stage == "prod"
    assert {name for name, when in found.items() if when == "manual"} == {"deploy-production"}
    assert {"synth", "diff"} <= set(found)
    assert not {"deploy", "destroy"} & set(found), "production is destroyed by no job"


def test_a_production_deployment_holds_the_pipeline_until_it_is_decided() -> None:
    (rule,) = JOBS["deploy-production"]["rules"]
    assert (rule["when"], rule["allow_failure"]) == ("manual", False)


def test_another_protected_branch_deploys_its_stage_and_may_take_it_away_by_hand() -> None:
    stage, found = made(push("dev"))
    assert stage == "dev"
    assert found["deploy"] == "automatic"
    assert {name for name, when in found.items() if when == "manual"} == {"destroy"}
    assert "deploy-production" not in found


@pytest.mark.parametrize("branch", ["main", "dev"])
def test_an_unprotected_branch_changes_nothing_whatever_its_name(branch: str) -> None:
    _, found = made(push(branch, protected=False))
    assert set(found) == CHECKS


@pytest.mark.parametrize("branch", ["main", "dev"])
def test_a_schedule_checks_and_changes_nothing(branch: str) -> None:
    _, found = made({**push(branch), "CI_PIPELINE_SOURCE": "schedule"})
    assert set(found) == CHECKS


def test_a_push_with_an_open_merge_request_makes_one_pipeline() -> None:
    assert pipeline(**push("feature", protected=False, open_merge_request=True)) is None
    assert pipeline(**push("dev", open_merge_request=True)), (
        "dev is deployed while it waits to become production"
    )


def test_a_tag_makes_no_pipeline() -> None:
    assert pipeline(CI_PIPELINE_SOURCE="push", CI_COMMIT_TAG="v1", CI_COMMIT_REF_PROTECTED="true") is None


def test_tokens_go_to_jobs_of_reviewed_code_each_for_one_role() -> None:
    """A token's audience is its role's; a merge request's code gets none."""
    tokens = {name: job["id_tokens"] for name, job in JOBS.items() if "id_tokens" in job}
    expected = {
        name: {TOKEN: {"aud": CI_AUDIENCES["deploy"]}} for name in ("deploy", "deploy-production", "destroy")
    }
    assert tokens == {**expected, "diff": {TOKEN: {"aud": CI_AUDIENCES["diff"]}}}
    for variables in (merge_request("main"), merge_request("dev"), push("feature", protected=False)):
        assert not set(made(variables)[1]) & set(tokens)
    assert "id_tokens" not in load()["default"]


def test_nothing_mentions_a_token_or_a_key_outside_id_tokens() -> None:
    lines = (ROOT / ".gitlab-ci.yml").read_text().splitlines()
    assert len([line for line in lines if TOKEN in line]) == 2
    assert not [line for line in lines if "AWS_ACCESS_KEY" in line or "AWS_SECRET" in line]


CHANGES = ["deploy", "deploy-production", "destroy"]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_one_at_a_time_and_is_not_cut_short(name: str) -> None:
    job = JOBS[name]
    assert job["resource_group"] == job["environment"]["name"] == "$ENV"
    assert job["interruptible"] is False
    assert load()["default"]["interruptible"] is True
    assert load()["workflow"]["auto_cancel"] == {"on_new_commit": "interruptible"}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_waits_for_every_check_and_uses_what_was_reviewed(name: str) -> None:
    """Without `needs` a job waits for all stages before its own; synth made the one cdk.out there is."""
    assert "needs" not in JOBS[name]
    assert JOBS[name]["dependencies"] == ["synth"]
    for diff in ("diff", "diff-merge-request"):
        assert JOBS[diff]["needs"] == ["synth"]
    assert [job for job in JOBS if "make synth" in script(JOBS[job])] == ["synth"]
    assert JOBS["synth"]["artifacts"]["paths"] == ["cdk.out"]


def waved_through(job: dict[str, Any]) -> bool:
    """Whether a pipeline goes on without the job, by its own word or that of a rule."""
    return any(part.get("allow_failure") or part.get("when") for part in [job, *job.get("rules", [])])


def test_no_check_is_waved_through() -> None:
    """Only a change waits for somebody, and taking a stage away is no step of the pipeline."""
    assert {name for name, job in JOBS.items() if waved_through(job)} == {"deploy-production", "destroy"}
    for name in ("deploy-production", "destroy"):
        assert not waved_through({**JOBS[name], "rules": []})


@pytest.mark.parametrize("leniency", [{"allow_failure": True}, {"when": "manual"}, {"when": "never"}])
def test_a_lenient_rule_is_noticed(leniency: dict[str, Any]) -> None:
    assert waved_through({**JOBS["test"], **leniency})
    assert waved_through({**JOBS["test"], "rules": [{"if": "$CI_COMMIT_BRANCH", **leniency}]})
    assert not waved_through({**JOBS["test"], "rules": [{"if": "$CI_COMMIT_BRANCH"}]})


def test_reviewers_get_results_coverage_quality_and_the_difference() -> None:
    reports = {
        (name, kind) for name, job in JOBS.items() for kind in job.get("artifacts", {}).get("reports", {})
    }
    assert reports >= {("test", "junit"), ("test", "coverage_report"), ("nag", "junit")}
    assert reports >= {("lint", "codequality"), ("nag", "codequality")}
    assert all(JOBS[name]["artifacts"]["when"] == "always" for name in ("lint", "test", "nag"))
    for name in ("diff", "diff-merge-request"):
        assert JOBS[name]["artifacts"]["expose_as"] == "cdk diff"
        assert JOBS[name]["artifacts"]["paths"] == ["reports/cdk-diff.txt"]


def test_gitlab_finds_the_coverage_in_what_the_job_prints() -> None:
    pattern = JOBS["test"]["coverage"].strip("/")
    line = "TOTAL                    6180    241   1622    117    95%"
    (found,) = re.findall(pattern, f"stacks/ops.py  20  0  0  0  100%\n{line}\n", re.MULTILINE)
    assert found == "95"


def test_caches_follow_the_lock_files() -> None:
    caches = load()["default"]["cache"]
    assert {file for cache in caches for file in cache["key"]["files"]} == {
        "requirements-dev.txt",
        "requirements-checkov.txt",
        "package-lock.json",
    }
    assert all((ROOT / file).exists() for cache in caches for file in cache["key"]["files"])
    assert all(len(cache["key"]["files"]) <= 2 for cache in caches), "GitLab takes two"
    assert {path for cache in caches for path in cache["paths"]} == {".cache/pip", ".cache/npm"}


def test_the_schema_check_can_fail(tmp_path: Path) -> None:
    wrong = tmp_path / ".gitlab-ci.yml"
    wrong.write_text((ROOT / ".gitlab-ci.yml").read_text().replace("stage: lint", "stages: lint"))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("check-jsonschema")),
            "--builtin-schema",
            "vendor.gitlab-ci",
            str(wrong),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "stages" in done.stdout


def test_the_reading_refuses_what_it_does_not_know() -> None:
    assert holds('$A == "x" && $B', {"A": "x", "B": "1"})
    assert not holds("$A == $B", {"A": "x"})
    with pytest.raises(AssertionError, match="does not know"):
        holds("$A =~ /x/", {"A": "x"})
