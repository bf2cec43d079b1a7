"""docs/security/least-privilege.md, written from the table."""

from __future__ import annotations

from tests.least_privilege.attempt import Attempt, Identity
from tests.least_privilege.table import IDENTITIES

NAME = "security/least-privilege.md"
_INTRODUCTION = """# Least privilege

<!-- made by `make docs`; edit tests/least_privilege -->

Who acts in the account for this project, what each must be able to do and what it must not. Every line is a call that
`make test` makes in that identity's name against the deployed pipeline on the laptop, which enforces IAM: what may be
done has to work, and what may not has to be denied for want of that right."""


def text() -> str:
    """The whole page."""
    return "\n\n".join([_INTRODUCTION, *map(_section, IDENTITIES)]) + "\n"


def _section(identity: Identity) -> str:
    head = [f"## {_sentence(identity.name)}", "", f"{_sentence(identity.purpose)}.", ""]
    rows = [_row(attempt) for attempt in identity.attempts]
    return "\n".join([*head, "| | action | what |", "| --- | --- | --- |", *rows])


def _row(attempt: Attempt) -> str:
    return f"| {'may' if attempt.allowed else '**may not**'} | `{attempt.action}` | {attempt.on} |"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
