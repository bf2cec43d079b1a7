"""A check of an environment, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import StackId


class State(StrEnum):
    """The outcome of a check; the worst one first."""

    ILL = "ill"
    """Something has to be done."""
    UNKNOWN = "unknown"
    """It could not look, for example because a privilege is missing."""
    SKIPPED = "skipped"
    """It does not apply, or not yet."""
    WELL = "well"


class When(StrEnum):
    """The moment for which a check is meant."""

    BEFORE = "before"
    """Before the first deployment, and at any time after it."""
    AFTER = "after"
    """Once its stack is deployed."""
    WRITE = "write"
    """After a deployment, and only if asked for: it changes or costs something."""
    HAND = "by hand"
    """Needs a person, or an environment that may be destroyed."""


@dataclass(frozen=True)
class Finding:
    """The outcome of a check and the facts behind it; no secrets."""

    state: State
    found: str


def well(found: str) -> Finding:
    """A finding that needs no action."""
    return Finding(State.WELL, found)


def ill(found: str) -> Finding:
    """A finding that needs action."""
    return Finding(State.ILL, found)


def unknown(found: str) -> Finding:
    """A check that could not look."""
    return Finding(State.UNKNOWN, found)


def skipped(found: str) -> Finding:
    """A check that does not apply."""
    return Finding(State.SKIPPED, found)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check, which is also one row of docs/first-deployment.md.

    Attributes:
        name: for `--only`.
        title: the sentence that is true if all is well.
        looks_at: the calls and statements it makes, or what a person does.
        otherwise: what to do if it is not.
        source: the vendor's page with the rule.
        when: the moment it is meant for.
        look: makes the finding; any error it raises makes the finding unknown. None: for a person.
        stack: the stack that must be deployed.
        needs: checks of which this one is a consequence; it is skipped while one of them is ill.
        laptop: the reason why the laptop cloud cannot play it, if it cannot.
    """

    name: str
    title: str
    looks_at: str
    otherwise: str
    source: str
    when: When
    look: Callable[[Patient], Finding] | None = None
    stack: StackId | None = None
    needs: tuple[str, ...] = ()
    laptop: str = ""


def worst(findings: Mapping[str, Finding]) -> Finding:
    """One finding of several, by what each is about: the worst state, and the facts of those that have it."""
    state = min((finding.state for finding in findings.values()), key=list(State).index)
    told = [f"{about}: {finding.found}" for about, finding in findings.items() if finding.state == state]
    return Finding(state, "; ".join(told))
