"""What is accepted of other reviewers' opinions: no error, nothing without a reason, nothing more than is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.infrastructure.second_opinions.opinions import (
    Opinion,
    acceptances,
    pointless,
    remaining,
)

LOGS = Opinion(
    tool="checkov",
    rule="CKV_AWS_18",
    stack="Storage",
    place="AWS::S3::Bucket.EventLakeAccessLogs12345678",
    message="Ensure the S3 bucket has access logging enabled",
)
EVENTS = replace(LOGS, place="AWS::S3::Bucket.EventLakeBucket12345678")


def test_no_error_of_the_linter_is_accepted() -> None:
    assert [one.rule for one in acceptances() if one.tool == "cfn-lint" and one.rule.startswith("E")] == []


def test_what_is_accepted_at_one_place_is_found_at_another() -> None:
    assert remaining([LOGS, EVENTS]) == [EVENTS]
    assert remaining([replace(LOGS, tool="cfn-lint")]) != []


def test_what_nothing_matches_any_more_is_told() -> None:
    rules = {one.rule for one in acceptances() if one.tool == "checkov"}
    assert {one.rule for one in pointless([LOGS], "checkov")} == rules - {LOGS.rule}


@pytest.mark.parametrize(
    "wrong",
    ['reason = "False positive"', f'place = "one"\nreason = "{"because " * 10}"', ""],
    ids=["no reason to speak of", "an unknown key", "no reason"],
)
def test_an_acceptance_says_why(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(f'[[accepted]]\ntool = "checkov"\nrule = "CKV_AWS_18"\n{wrong}\n')
    with pytest.raises(ValueError, match=r"reason|place"):
        acceptances(path)
