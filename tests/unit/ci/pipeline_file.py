"""A reading of .gitlab-ci.yml: which jobs a pipeline has, by GitLab's rules as far as the file uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from config import ROOT

Job = dict[str, Any]
_NOT_JOBS = {"stages", "workflow", "variables", "default"}
_TERM = re.compile(r'^\$(\w+)(?: (==|!=) (?:"([^"]*)"|\$(\w+)))?$')


def load() -> dict[str, Any]:
    """The whole file."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    return loaded


def jobs() -> dict[str, Job]:
    """Every job by name, with what it extends."""
    file = load()
    return {
        name: {**file.get(job.get("extends", ""), {}), **job}
        for name, job in file.items()
        if name not in _NOT_JOBS and not name.startswith(".")
    }


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """Whether an `if` of a rule holds: terms joined by &&, each `$A`, `$A == "b"`, `$A != "b"` or `$A == $B`."""
    return all(_term(term, variables) for term in condition.split(" && "))


def _term(term: str, variables: Mapping[str, str]) -> bool:
    match = _TERM.match(term)
    assert match, f"this reading does not know {term!r}"
    name, operator, literal, other = match.groups()
    value = variables.get(name, "")
    if operator is None:
        return bool(value)
    wanted = variables.get(other, "") if other else literal
    return (value == wanted) == (operator == "==")


def first_rule(rules: list[Job], variables: Mapping[str, str]) -> Job | None:
    """The rule that decides; none if it is, or says, never."""
    rule = next((rule for rule in rules if holds(rule["if"], variables)), None)
    return None if rule is None or rule.get("when") == "never" else rule


def pipeline(**variables: str) -> tuple[str, dict[str, str]] | None:
    """The stage and the jobs (name → `automatic` or `manual`) of the pipeline that GitLab makes, if it makes one."""
    variables = {"CI_DEFAULT_BRANCH": "main", **variables}
    rule = first_rule(load()["workflow"]["rules"], variables)
    if rule is None:
        return None
    stage = rule["variables"]["ENV"]
    stage = variables[stage.removeprefix("$")] if stage.startswith("$") else stage
    found = {}
    for name, job in jobs().items():
        decided = first_rule(job["rules"], variables) if "rules" in job else {}
        if decided is not None:
            found[name] = "manual" if decided.get("when") == "manual" else "automatic"
    return stage, found


def push(branch: str, *, protected: bool = True, open_merge_request: bool = False) -> dict[str, str]:
    """What GitLab sets when somebody pushes to a branch."""
    opened = {"CI_OPEN_MERGE_REQUESTS": "my-group/clickstream!7"} if open_merge_request else {}
    return {
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_BRANCH": branch,
        "CI_COMMIT_REF_PROTECTED": str(protected).lower(),
        **opened,
    }


def merge_request(target: str, *, protected: bool = True) -> dict[str, str]:
    """What GitLab sets for a merge request's pipeline; there is no CI_COMMIT_BRANCH in it."""
    return {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target,
        "CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED": str(protected).lower(),
        "CI_OPEN_MERGE_REQUESTS": "my-group/clickstream!7",
        "CI_COMMIT_REF_PROTECTED": "false",
    }
