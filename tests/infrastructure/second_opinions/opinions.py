"""What other reviewers than cdk-nag say of a template, and what of it is accepted."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True, order=True)
class Opinion:
    """One thing that a reviewer would have otherwise.

    Attributes:
        tool: the reviewer.
        rule: its name for what it found.
        stack: the last part of the stack's name, e.g. `Storage`.
        place: where in the stack, in the reviewer's own words.
        message: what is wrong there.
    """

    tool: str
    rule: str
    stack: str
    place: str
    message: str


class Acceptance(BaseModel):
    """One rule that need not be kept at some places, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: Literal["cfn-lint", "checkov"]
    rule: str
    places: str = "*"
    reason: str = Field(min_length=40)

    def covers(self, opinion: Opinion) -> bool:
        """Whether this is about that."""
        return (self.tool, self.rule) == (opinion.tool, opinion.rule) and fnmatchcase(
            opinion.place, self.places
        )


@cache
def acceptances(path: Path = ACCEPTED) -> tuple[Acceptance, ...]:
    """All of them, in the order of the file.

    Raises:
        ValueError: a key is unknown, or a reason too short to be one.
    """
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Acceptance.model_validate(one) for one in found["accepted"])


def remaining(opinions: Iterable[Opinion]) -> list[Opinion]:
    """What nobody accepted."""
    return sorted({one for one in opinions if not any(each.covers(one) for each in acceptances())})


def pointless(opinions: Iterable[Opinion], tool: str) -> list[Acceptance]:
    """What was accepted and is not found any more."""
    opinions = list(opinions)
    return [
        each
        for each in acceptances()
        if each.tool == tool and not any(each.covers(opinion) for opinion in opinions)
    ]


def tell(record_property: Callable[[str, object], None], opinions: Iterable[Opinion]) -> None:
    """Leave them in the JUnit report, from which `python -m ci code-quality` takes them for GitLab."""
    for one in opinions:
        record_property("finding", json.dumps(asdict(one)))
