"""What a reviewer reads before a deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ci.assembly import Assembly
from ci.before import deployed_templates, templates_of
from ci.diff import difference
from cli.output import CommandError
from tests.unit.ci.conftest import stage_config


def queue(seconds: int) -> dict[str, Any]:
    return {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": seconds}}}
    }


def test_it_says_what_changes_comes_stays_and_goes(assembly: Callable[..., Path]) -> None:
    app = Assembly.read(
        stage_config(), assembly("test", Storage=queue(60), Streaming=queue(60), Ops=queue(60))
    )
    before = {
        "clickstream-test-Storage": queue(60),
        "clickstream-test-Streaming": queue(3600),
        "clickstream-test-Old": queue(60),
    }
    said = {
        part.split("\n", 1)[0]: part
        for part in re.split(r"^Stack clickstream-test-", difference(before, app), flags=re.MULTILINE)
        if part
    }
    assert "There were no differences" in said["Storage"]
    assert "[-] 3600" in said["Streaming"]
    assert "[+] 60" in said["Streaming"]
    assert "[+] AWS::SQS::Queue Q" in said["Ops"]
    assert "no longer part of the app" in said["Old"]


@pytest.fixture
def account() -> Any:
    return boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def test_a_stack_that_is_not_deployed_has_no_template(account: Any) -> None:
    with Stubber(account) as stub:
        stub.add_response(
            "get_template",
            {"TemplateBody": json.dumps(queue(60))},
            {"StackName": "a", "TemplateStage": "Original"},
        )
        stub.add_client_error("get_template", "ValidationError", "Stack with id b does not exist")
        assert deployed_templates(["a", "b"], account) == {"a": queue(60)}


def test_an_account_that_does_not_tell_is_not_taken_for_an_empty_one(account: Any) -> None:
    with Stubber(account) as stub:
        stub.add_client_error("get_template", "AccessDenied", "not authorized")
        with pytest.raises(
            CommandError, match=r"the template of a cannot be read: .*not authorized; a stack that is new"
        ):
            deployed_templates(["a"], account)


def test_a_commit_that_does_not_exist_is_told() -> None:
    with pytest.raises(CommandError, match=r"git worktree add .* failed: .*invalid reference"):
        templates_of("0" * 40, stage_config(), {})
