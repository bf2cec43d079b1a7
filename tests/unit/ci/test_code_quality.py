"""What the security review leaves in its JUnit report is what GitLab shows in a merge request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from ci.code_quality import code_quality
from cli.output import CommandError
from config import ROOT

FINDING = {
    "tool": "checkov",
    "rule": "CKV_AWS_18",
    "stack": "Storage",
    "place": "AWS::S3::Bucket.Lake",
    "message": 'access logging is "off" <here>',
}


def convert(folder: Path, *findings: dict[str, str]) -> list[dict[str, Any]]:
    properties = "".join(
        f'<property name="finding" value={quoteattr(json.dumps(finding))} />' for finding in findings
    )
    junit, report = folder / "junit.xml", folder / "reports" / "quality.json"
    junit.write_text(
        '<testsuites><testsuite name="pytest"><testcase name="quiet" /><testcase name="loud">'
        f'<properties>{properties}<property name="other" value="1" /></properties>'
        "<failure>no</failure></testcase></testsuite></testsuites>"
    )
    code_quality(junit, report)
    found: list[dict[str, Any]] = json.loads(report.read_text())
    return found


def test_a_finding_has_what_gitlab_asks_for(tmp_path: Path) -> None:
    (entry,) = convert(tmp_path, FINDING)
    assert len(entry.pop("fingerprint")) == 64
    assert entry == {
        "description": 'Storage/AWS::S3::Bucket.Lake: access logging is "off" <here>',
        "check_name": "checkov: CKV_AWS_18",
        "severity": "major",
        "location": {"path": "stacks/storage.py", "lines": {"begin": 1}},
    }


def test_the_same_finding_of_several_pipelines_is_one(tmp_path: Path) -> None:
    assert len(convert(tmp_path, FINDING, FINDING, {**FINDING, "message": "worded anew"})) == 1


@pytest.mark.parametrize("key", ["tool", "rule", "stack", "place"])
def test_another_finding_is_another(key: str, tmp_path: Path) -> None:
    one, other = convert(tmp_path, FINDING, {**FINDING, key: "Ops"})
    assert one["fingerprint"] != other["fingerprint"]


@pytest.mark.parametrize("stack", ["Storage", "Streaming", "Access", "Landing", "Ops", "Producer", "Ci"])
def test_a_finding_is_shown_in_the_file_that_makes_its_stack(stack: str, tmp_path: Path) -> None:
    (entry,) = convert(tmp_path, {**FINDING, "stack": stack})
    assert f"class {stack}Stack(" in (ROOT / entry["location"]["path"]).read_text()


def test_a_stack_without_a_file_of_its_own_is_shown_in_the_app(tmp_path: Path) -> None:
    (entry,) = convert(tmp_path, {**FINDING, "stack": "Careless"})
    assert entry["location"]["path"] == "app.py"


def test_no_finding_is_a_report_too(tmp_path: Path) -> None:
    assert convert(tmp_path) == []


@pytest.mark.parametrize("content", [None, "", "<testsuites>"])
def test_what_is_no_report_is_told(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "junit.xml").write_text(content)
    with pytest.raises(CommandError, match=r"junit\.xml is no JUnit report"):
        code_quality(tmp_path / "junit.xml", tmp_path / "quality.json")
