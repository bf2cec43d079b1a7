"""The reviewers, asked about every template at once: `<folder>/<pipeline>/<stack>.json`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import ROOT
from tests.infrastructure.second_opinions.opinions import Opinion

_CFN_LINT = Path(sys.executable).with_name("cfn-lint")
_CHECKOV = ROOT / ".venv-checkov" / "bin" / "python"


@dataclass(frozen=True)
class Judgement:
    """What a reviewer said, and how many resources it read, where it tells."""

    opinions: frozenset[Opinion]
    resources: int | None = None


def cfn_lint(folder: Path) -> Judgement:
    """AWS's own linter, against the resource types' schemas.

    https://github.com/aws-cloudformation/cfn-lint
    """
    found: list[dict[str, Any]] = _json(
        [str(_CFN_LINT), "--format", "json", *map(str, folder.rglob("*.json"))]
    )
    return Judgement(
        frozenset(
            Opinion(
                tool="cfn-lint",
                rule=one["Rule"]["Id"],
                stack=Path(one["Filename"]).stem,
                place="/".join(map(str, one["Location"]["Path"] or [])),
                message=one["Message"],
            )
            for one in found
        )
    )


def checkov(folder: Path) -> Judgement:
    """Checks of how resources are set, without its platform: nothing is asked or told on the network.

    https://www.checkov.io/5.Policy%20Index/cloudformation.html
    """
    if not _CHECKOV.exists():
        raise FileNotFoundError("checkov is not installed here; `make nag` does that")
    command = [str(_CHECKOV), "-m", "checkov.main", "--directory", str(folder)]
    command += ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact"]
    report: dict[str, Any] = _json([*command, "--output", "json"])
    if unread := report["summary"]["parsing_errors"]:
        raise ValueError(f"checkov cannot read {unread} of the templates in {folder}")
    return Judgement(
        frozenset(
            Opinion(
                tool="checkov",
                rule=one["check_id"],
                stack=Path(one["file_path"]).stem,
                place=one["resource"],
                message=one["check_name"],
            )
            for one in report["results"]["failed_checks"]
        ),
        report["summary"]["resource_count"],
    )


def _json(command: Sequence[str]) -> Any:
    """What it prints; the exit code only says whether it found something."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise ValueError(
            f"{Path(command[0]).name} gave no report (exit code {done.returncode}): {done.stderr[-2000:]}"
        ) from None
