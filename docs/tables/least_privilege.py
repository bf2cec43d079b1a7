"""docs/security/least-privilege.md: what each identity may do and may not, as the tests try it."""

from __future__ import annotations

from tests.least_privilege.attempt import Attempt, Identity
from tests.least_privilege.table import IDENTITIES


def identities() -> str:
    """A chapter an identity, with a table of the calls."""
    return "\n" + "\n\n".join(map(_section, IDENTITIES)) + "\n\n"


def _section(identity: Identity) -> str:
    head = [f"## {_sentence(identity.name)}", "", f"{_sentence(identity.purpose)}.", ""]
    rows = [_row(attempt) for attempt in identity.attempts]
    return "\n".join([*head, "| | action | what |", "| --- | --- | --- |", *rows])


def _row(attempt: Attempt) -> str:
    return f"| {'may' if attempt.allowed else '**may not**'} | `{attempt.action}` | {attempt.on} |"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
