"""Findings of the security review as GitLab shows them in a merge request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from xml.etree import ElementTree

import typer

from cli.output import CommandError
from config import ROOT

_STACKS = ROOT / "stacks"


def code_quality(
    junit: Annotated[Path, typer.Argument(help="The JUnit report of `make nag`.")],
    report: Annotated[Path, typer.Argument(help="Where to write GitLab's report.")],
) -> None:
    """Write what a review left in its JUnit report as a GitLab Code Quality report.

    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    try:
        tree = ElementTree.parse(junit)  # noqa: S314 - written by our own tests
    except (OSError, ElementTree.ParseError) as error:
        raise CommandError(f"{junit} is no JUnit report: {error}") from None
    entries = {entry["fingerprint"]: entry for entry in map(_entry, _findings(tree))}
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps([*entries.values()], indent=2) + "\n", encoding="utf-8")
    print(f"{len(entries)} findings are in {report}")


def _findings(tree: ElementTree.ElementTree[Any]) -> Iterator[Mapping[str, str]]:
    for found in tree.iterfind(".//testcase/properties/property[@name='finding']"):
        yield json.loads(found.attrib["value"])


def _entry(finding: Mapping[str, str]) -> dict[str, Any]:
    """One finding. A finding's identity is the same in every pipeline and survives rewording."""
    where = f"{finding['stack']}/{finding['place']}"
    identity = "\n".join([finding["tool"], finding["rule"], where])
    return {
        "description": f"{where}: {finding['message']}",
        "check_name": f"{finding['tool']}: {finding['rule']}",
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
        "severity": "major",
        "location": {"path": _source(finding["stack"]), "lines": {"begin": 1}},
    }


def _source(stack: str) -> str:
    """The file that makes a stack: a template is in no repository, and no construct knows its line."""
    path = _STACKS / f"{stack.lower()}.py"
    return (path if path.exists() else ROOT / "app.py").relative_to(ROOT).as_posix()
