"""docs/first-deployment.md: the checks of `clickstream doctor`."""

from __future__ import annotations

from cli.doctor.catalogue import CHECKS
from cli.doctor.check import Check, When

_CHAPTERS = {
    When.BEFORE: (
        "Before a deployment",
        "Run by `clickstream doctor`, before the first deployment and at any time.",
    ),
    When.AFTER: ("After a deployment", "Run by `clickstream doctor` once the stacks are there."),
    When.WRITE: (
        "With `--write`",
        "Run by `clickstream doctor --write`: they change something, and tidy up.",
    ),
    When.HAND: (
        "By hand",
        "No command can do these without a person, or in an environment that is still needed.",
    ),
}


def checks() -> str:
    """A chapter a moment, with a table of its checks."""
    return "\n" + "\n\n".join(map(_chapter, _CHAPTERS)) + "\n\n"


def _chapter(when: When) -> str:
    title, purpose = _CHAPTERS[when]
    head = [f"## {title}", "", purpose, "", "| check | how | otherwise |", "| --- | --- | --- |"]
    return "\n".join([*head, *(_row(check) for check in CHECKS if check.when is when)])


def _row(check: Check) -> str:
    return f"| {check.title} (`{check.name}`) | {check.looks_at} ([source]({check.source})) | {check.otherwise} |"
