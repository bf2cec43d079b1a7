"""The security review: nothing unacknowledged, in every environment and with every option."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from clickstream.review import acknowledge
from tests.infrastructure.acknowledgments import (
    PAGE,
    REVIEWED,
    blanket,
    page,
    reviewed,
    reviews,
    stale,
    summary,
    too_high,
    unreasoned,
)
from tests.infrastructure.conftest import cdk_app
from tests.infrastructure.review import Acknowledged, Finding, Review, findings
from tests.infrastructure.second_opinions.opinions import Opinion, tell

REASON = "The risk is small, and a test of ours shows that it is covered."
HANDLER = Finding("AwsSolutions-IAM5[Resource::*]", "Stack/Role/Policy")


def opinion(finding: Finding) -> Opinion:
    stack, _, place = finding.path.partition("/")
    message = "the review finds this and nobody acknowledged it"
    return Opinion("cdk-nag", finding.rule, stack.rpartition("-")[2], place, message)


def told(rule: str, path: str = "Stack/Role", reason: str = REASON) -> dict[str, Review]:
    return {"one": Review(frozenset(), frozenset({Acknowledged(rule, path, reason)}), frozenset({HANDLER}))}


@pytest.mark.parametrize("name", REVIEWED)
def test_every_finding_is_fixed_or_acknowledged(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    unanswered = reviewed(name).unanswered
    tell(record_property, map(opinion, unanswered))
    assert unanswered == frozenset()


def test_the_review_can_fail_by_every_pack_that_has_a_rule_for_it(tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    bucket = s3.Bucket(cdk.Stack(app, "Careless"), "Bucket")
    acknowledge(bucket, finding="AwsSolutions-S1", reason="Says nothing of TLS, and so hides nothing else.")
    rules = {found.rule for found in findings(app) if found.path == "Careless/Bucket/Resource"}
    assert "AwsSolutions-S1" not in rules
    assert rules >= {
        "AwsSolutions-S10",
        "NIST.800.53.R5-S3BucketSSLRequestsOnly",
        "HIPAA.Security-S3BucketSSLRequestsOnly",
        "PCI.DSS.321-S3BucketSSLRequestsOnly",
    }


def test_a_queue_without_a_way_out_is_found_by_the_serverless_pack(tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    sqs.CfnQueue(cdk.Stack(app, "Queueing"), "Queue")
    assert Finding("Serverless-SQSRedrivePolicy", "Queueing/Queue") in findings(app)


def test_every_reason_is_one() -> None:
    assert unreasoned(reviews()) == []


def test_no_rule_that_says_what_it_found_is_acknowledged_as_a_whole() -> None:
    assert blanket(reviews()) == []


def test_every_acknowledgment_lets_something_pass() -> None:
    assert stale(reviews()) == []


def test_no_stack_is_acknowledged_for_one_of_its_resources() -> None:
    assert too_high(reviews()) == []


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(reviews()), (
        "write it with `make docs`, and review the difference"
    )


def test_what_was_let_pass_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{summary(reviews())}")
    assert " 0 findings are unanswered;" in summary(reviews())


def test_an_acknowledgment_of_what_is_found_is_none_of_these() -> None:
    right = told(HANDLER.rule)
    assert [*unreasoned(right), *blanket(right), *stale(right), *too_high(right)] == []


@pytest.mark.parametrize("reason", ["", "  ", "False positive", " " * 50])
def test_a_reason_that_says_nothing_is_seen(reason: str) -> None:
    assert unreasoned(told(HANDLER.rule, reason=reason)) != []


def test_an_acknowledgment_of_a_whole_rule_is_seen() -> None:
    assert blanket(told("AwsSolutions-IAM5")) != []


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("AwsSolutions-IAM5[Resource::events/*]", "Stack/Role"),
        (HANDLER.rule, "Stack/Other"),
        (HANDLER.rule, "Stack/Ro"),
    ],
    ids=["another finding", "another place", "the beginning of a name"],
)
def test_an_acknowledgment_of_nothing_is_seen(rule: str, path: str) -> None:
    assert stale(told(rule, path)) != []


def test_an_acknowledgment_of_a_whole_stack_is_seen() -> None:
    assert too_high(told(HANDLER.rule, "Stack")) != []
