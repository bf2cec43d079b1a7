"""cloudsplaining's findings in the IAM policies of a folder of templates: `python policies.py FOLDER`.

Runs in the scanners' own virtual environment (requirements-reviewers.txt), without the project's code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudsplaining.scan.policy_document import PolicyDocument

_RISKS = (
    "allows_privilege_escalation",
    "permissions_management_without_constraints",
    "write_actions_without_constraints",
    "credentials_exposure",
    "allows_data_exfiltration_actions",
    "service_wildcard",
    "contains_statement_using_not_action",
)
# A reference names one resource of the template.
_ONE_RESOURCE = "arn:aws:iam::111122223333:role/referred"


def policies(node: Any, name: str = "") -> Iterator[dict[str, Any]]:
    """Permission policies, without trust and resource policies (for those: tests/infrastructure/test_exposure.py)."""
    if isinstance(node, dict):
        if name in {"PolicyDocument", "Policy"} and "Statement" in node:
            yield node
        for key, value in node.items():
            yield from policies(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from policies(value, name)


def risks(policy: dict[str, Any]) -> dict[str, Any]:
    """Risky permissions of a policy."""
    for statement in policy["Statement"]:
        named = statement.get("Resource", [])
        named = named if isinstance(named, list) else [named]
        statement["Resource"] = [one if isinstance(one, str) else _ONE_RESOURCE for one in named]
    judged = PolicyDocument(policy)
    return {risk: found for risk in _RISKS if (found := getattr(judged, risk))}


def main() -> None:
    """Print every risk; the exit code is 1 if there is one."""
    judged = 0
    risky = False
    for path in sorted(Path(sys.argv[1]).rglob("*.json")):
        resources = json.loads(path.read_text())["Resources"].values()
        for policy in policies(
            [one["Properties"] for one in resources if one["Type"].startswith("AWS::IAM::")]
        ):
            judged += 1
            if found := risks(policy):
                risky = True
                print(f"{path}: {found}")
    print(f"cloudsplaining: {judged} policies")
    sys.exit(risky or not judged)


if __name__ == "__main__":
    main()
