"""An audit is clean only when its report says so about every package; everything else is told with its reason.

The reports are recordings of the auditors themselves, asking services that play each part.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from supply_chain.audit_report import Finding, Verdict, control, read_npm_audit, read_pip_audit, together
from supply_chain.auditors import Report

REPORTS = Path(__file__).parent / "reports"
PINS = {"six": "1.17.0", "tomlkit": "0.15.2"}


def recorded(name: str) -> Report:
    return Report(text=(REPORTS / f"{name}.json").read_text(encoding="utf-8"))


def test_clean_is_clean() -> None:
    assert read_pip_audit(recorded("python-clean"), PINS) == Verdict()
    assert read_npm_audit(recorded("npm-clean"), 2) == Verdict()


def test_a_vulnerable_package_is_named_with_every_name_of_the_vulnerability() -> None:
    python = read_pip_audit(recorded("python-vulnerable"), PINS)
    assert [str(one) for one in python.findings] == ["six 1.17.0: PYSEC-1, CVE-1; fixed in 999.0"]
    npm = read_npm_audit(recorded("npm-vulnerable"), 2)
    assert [str(one) for one in npm.findings] == ["tslib <999: GHSA-1; fixed in no release yet"]
    assert python.not_audited == npm.not_audited == ()


def test_a_package_touched_through_another_is_told_with_that_other() -> None:
    text = (
        (REPORTS / "npm-vulnerable.json")
        .read_text()
        .replace(
            '"vulnerabilities": {\n    "tslib"',
            '"vulnerabilities": {\n    "bowser": {"via": ["tslib"], "range": "*", "fixAvailable": true},\n    "tslib"',
            1,
        )
    )
    assert [one.package for one in read_npm_audit(Report(text=text), 2).findings] == ["tslib"]


def test_a_skipped_package_was_not_audited() -> None:
    verdict = read_pip_audit(recorded("python-skipped"), {"cffi": "2.1.1", "six": "1.17.0"})
    assert verdict.findings == ()
    assert len(verdict.not_audited) == 1
    assert "cffi was skipped: Dependency not found" in verdict.not_audited[0]


@pytest.mark.parametrize(
    "pins", [{**PINS, "requests": "2.34.2"}, {"six": "1.17.0", "tomlkit": "0.15.3"}], ids=["missing", "other"]
)
def test_a_package_that_is_not_in_the_report_was_not_audited(pins: dict[str, str]) -> None:
    verdict = read_pip_audit(recorded("python-clean"), pins)
    assert len(verdict.not_audited) == 1
    assert verdict.not_audited[0].endswith("is not in the report")


def test_a_report_about_fewer_packages_than_the_lock_has_is_no_audit() -> None:
    assert read_npm_audit(recorded("npm-clean"), 3).not_audited == (
        "the lock has 3 packages, the report is about 2",
    )


@pytest.mark.parametrize("kind", ["refused", "portal"])
def test_a_service_that_does_not_answer_is_no_audit(kind: str) -> None:
    reasons = read_npm_audit(recorded(f"npm-{kind}"), 2).not_audited
    assert len(reasons) == 1
    assert "npm audit could not ask its service: " in reasons[0]
    assert "advisories/bulk" in reasons[0]


def test_no_report_is_no_audit_and_the_last_words_are_told() -> None:
    for text in ("", " \n"):
        assert read_pip_audit(Report(text=text, complaint="NameResolutionError"), PINS).not_audited == (
            "pip-audit wrote no report: NameResolutionError",
        )
        assert "does not say why" in read_npm_audit(Report(text=text), 2).not_audited[0]


@pytest.mark.parametrize(
    "text",
    [
        "<html>log in first</html>",
        "[]",
        "{",
        '{"dependencies": null}',
        '{"dependencies": [{"name": "six"}]}',
        '{"auditReportVersion": 3, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 9}}}',
        '{"auditReportVersion": 2, "vulnerabilities": {}}',
        '{"auditReportVersion": 2, "vulnerabilities": {"six": {}}, "metadata": {"dependencies": {"total": 9}}}',
    ],
)
def test_what_is_no_report_is_no_audit(text: str) -> None:
    assert read_pip_audit(Report(text=text), PINS).not_audited
    assert read_npm_audit(Report(text=text), 2).not_audited


def test_nothing_to_audit_is_no_audit() -> None:
    assert read_pip_audit(Report(text='{"dependencies": []}'), {}).not_audited == (
        "there was nothing to audit",
    )
    assert read_npm_audit(recorded("npm-clean"), 0).not_audited == ("there was nothing to audit",)


def test_a_service_that_knows_nothing_of_the_control_is_not_believed() -> None:
    known = Finding(package="requests", version="2.19.0", ids=("CVE-1",), fixed_in="2.20.0")
    assert control(Verdict(findings=(known,)), "requests") == Verdict()
    assert "knows no vulnerability of requests" in control(Verdict(), "requests").not_audited[0]
    other = Finding(package="urllib3", version="1", ids=("CVE-2",), fixed_in="")
    assert control(Verdict(findings=(other,)), "requests").not_audited


def test_a_control_that_was_not_audited_says_so_once() -> None:
    assert control(Verdict(not_audited=("out of reach",)), "requests") == Verdict(
        not_audited=("out of reach",)
    )


def test_several_verdicts_are_one() -> None:
    finding = Finding(package="six", version="1", ids=("CVE-1",), fixed_in="")
    both = together(Verdict(findings=(finding,)), Verdict(not_audited=("skipped",)), Verdict())
    assert both == Verdict(findings=(finding,), not_audited=("skipped",))
