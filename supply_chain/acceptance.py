"""Vulnerabilities that somebody has looked at and accepted for a while: audit.toml, read and applied."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from supply_chain.audit_report import Finding

ACCEPTED = Path(__file__).with_name("audit.toml")


class Acceptance(BaseModel):
    """One vulnerability, by any of its names, with the day until which it is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    until: date
    reason: str = Field(min_length=20)


class Acceptances(BaseModel):
    """All that are accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: tuple[Acceptance, ...] = ()

    @classmethod
    def load(cls, path: Path = ACCEPTED) -> Acceptances:
        """The acceptances of a file."""
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))

    def remaining(self, findings: Sequence[Finding], today: date) -> list[Finding]:
        """The findings that nobody has accepted, or not for so long."""
        valid = {one.id for one in self.accepted if today <= one.until}
        return [finding for finding in findings if not valid.intersection(finding.ids)]

    def pointless(self, findings: Sequence[Finding]) -> list[str]:
        """The ids of acceptances that match no finding."""
        found = {name for finding in findings for name in finding.ids}
        return [one.id for one in self.accepted if one.id not in found]
