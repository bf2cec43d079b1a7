"""What an auditor's report says, and whether it says anything at all.

An auditor that reaches no service, or a service that knows nothing, finds no vulnerability either. So each reading
here ends in findings, or in reasons why the report is no audit, or in neither: only that is clean.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from supply_chain.auditors import Report


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A known vulnerability of a package that we use."""

    package: str
    version: str
    ids: tuple[str, ...]  # its names in the databases, the reporting one's first
    fixed_in: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {', '.join(self.ids)}; fixed in {self.fixed_in or 'no release yet'}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an audit came to."""

    findings: tuple[Finding, ...] = ()
    not_audited: tuple[str, ...] = ()  # why the report is no audit


class _NoReportError(ValueError):
    """A text that is not the report it should be."""


def together(*verdicts: Verdict) -> Verdict:
    """One verdict of several."""
    return Verdict(
        findings=tuple(finding for verdict in verdicts for finding in verdict.findings),
        not_audited=tuple(reason for verdict in verdicts for reason in verdict.not_audited),
    )


def read_pip_audit(report: Report, wanted: Mapping[str, str]) -> Verdict:
    """The verdict of pip-audit's JSON report.

    Args:
        report: what it wrote.
        wanted: the packages it was asked about, name → version.
    """
    return _guarded("pip-audit", report, lambda content: _of_python(content, wanted))


def read_npm_audit(report: Report, wanted: int) -> Verdict:
    """The verdict of npm's JSON report, version 2.

    Args:
        report: what it wrote.
        wanted: how many packages the lock has.
    """
    return _guarded("npm audit", report, lambda content: _of_npm(content, wanted))


def control(verdict: Verdict, package: str) -> Verdict:
    """What the audit of a package with old and well-known vulnerabilities tells of the service.

    A service that finds none there is not to be believed elsewhere.
    """
    if verdict.not_audited or any(finding.package == package for finding in verdict.findings):
        return Verdict(not_audited=verdict.not_audited)
    return Verdict(
        not_audited=(
            f"the service knows no vulnerability of {package}, which has well-known ones: it is no source",
        )
    )


def _guarded(tool: str, report: Report, read: Callable[[dict[str, Any]], Verdict]) -> Verdict:
    if not report.text.strip():
        return Verdict(not_audited=(f"{tool} wrote no report: {report.complaint or 'it does not say why'}",))
    try:
        content = json.loads(report.text)
        if not isinstance(content, dict):
            raise _NoReportError("it is no JSON object")
        return read(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Verdict(
            not_audited=(f"{tool} wrote something else than a report ({error!r}): {report.text[:200]!r}",)
        )


def _of_python(content: dict[str, Any], wanted: Mapping[str, str]) -> Verdict:
    findings, not_audited, audited = list[Finding](), list[str](), set[str]()
    for entry in content["dependencies"]:
        name = entry["name"]
        if reason := entry.get("skip_reason"):
            not_audited.append(f"{name} was skipped: {reason}")
            audited.add(name)
            continue
        if entry["version"] == wanted.get(name):
            audited.add(name)
        findings += [
            Finding(
                package=name,
                version=entry["version"],
                ids=tuple(dict.fromkeys([found["id"], *found.get("aliases", [])])),
                fixed_in=", ".join(found["fix_versions"]),
            )
            for found in entry["vulns"]
        ]
    not_audited += [f"{name} {wanted[name]} is not in the report" for name in sorted(wanted.keys() - audited)]
    if not wanted:
        not_audited.append("there was nothing to audit")
    return Verdict(findings=tuple(findings), not_audited=tuple(not_audited))


def _of_npm(content: dict[str, Any], wanted: int) -> Verdict:
    if "auditReportVersion" not in content:
        said = content.get("message") or content.get("error")
        return Verdict(not_audited=(f"npm audit could not ask its service: {said or 'it does not say why'}",))
    if content["auditReportVersion"] != 2:
        raise _NoReportError(f"its version is {content['auditReportVersion']!r}, not 2")
    findings = list[Finding]()
    for name, found in content["vulnerabilities"].items():
        # A text there is another package, through which this one is touched; it has an entry of its own.
        if advisories := [via for via in found["via"] if isinstance(via, dict)]:
            findings.append(
                Finding(
                    package=name,
                    version=", ".join(dict.fromkeys(via["range"] for via in advisories)),
                    ids=tuple(str(via["url"]).rpartition("/")[2] for via in advisories),
                    fixed_in=_npm_fix(found["fixAvailable"]),
                )
            )
    audited = content["metadata"]["dependencies"]["total"]
    short = [f"the lock has {wanted} packages, the report is about {audited}"] if audited < wanted else []
    return Verdict(
        findings=tuple(findings), not_audited=tuple(short if wanted else ["there was nothing to audit"])
    )


def _npm_fix(fix: bool | dict[str, Any]) -> str:
    if isinstance(fix, dict):
        return f"{fix['name']} {fix['version']}"
    return "what `npm audit fix` installs" if fix else ""
