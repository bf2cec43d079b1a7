"""Which licences are allowed, and what a package's words mean: licences.toml, read and applied."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path

from license_expression import AND, OR, ExpressionError, LicenseExpression, get_spdx_licensing
from pydantic import BaseModel, ConfigDict, Field

from supply_chain.inventory import Use

POLICY = Path(__file__).with_name("licences.toml")
_SPDX = get_spdx_licensing()


class LicenceError(ValueError):
    """A licence that is not allowed or not known; the message names package, licence and what to do."""


class Reading(BaseModel):
    """What a person found out of one package's licence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    stated: tuple[str, ...]
    means: str
    why: str = Field(min_length=10)


class LicencePolicy(BaseModel):
    """The allow lists, one for each way of use, and the words that packages use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployed: dict[str, str]
    tools: dict[str, str]
    meaning: dict[str, str]
    read: tuple[Reading, ...] = ()

    @classmethod
    def load(cls, path: Path = POLICY) -> LicencePolicy:
        """The policy of a file.

        Raises:
            ValueError: it is not TOML, or a key or value is none of a policy's.
        """
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))

    def licence_of(self, package: str, stated: Sequence[str]) -> str:
        """The SPDX expression that a package's words mean; several words mean all of them.

        Raises:
            LicenceError: they mean nothing that is known.
        """
        for reading in self.read:
            if reading.package == package and reading.stated == tuple(stated):
                return reading.means
        means = [self.meaning.get(words, words) for words in stated]
        told = list(dict.fromkeys(text for text in means if text))
        unknown = [text for text in told if _parsed(text) is None]
        if unknown or not told:
            words = f"says {', '.join(map(repr, stated))}" if stated else "says nothing of its licence"
            raise LicenceError(
                f"{package} {words}, which names no SPDX licence: read the licence file it ships, then add the words "
                f"to [meaning] or the package to [[read]] in {POLICY.name}"
            )
        return " AND ".join(
            told if len(told) == 1 else (f"({text})" if " " in text else text for text in told)
        )

    def require_allowed(self, package: str, licence: str, use: Use) -> None:
        """Pass a licence that the use's list allows: all parts of an AND, one part of an OR.

        Raises:
            LicenceError: it does not.
        """
        allowed = self.deployed.keys() if use is Use.DEPLOYED else self.deployed.keys() | self.tools.keys()
        expression = _parsed(licence)
        if expression is None or not _satisfied(expression, allowed):
            table = "[deployed]" if use is Use.DEPLOYED else "[tools]"
            raise LicenceError(
                f"{package} is {use} under {licence}, which is not allowed for that: take another package, or have "
                f"the licence reviewed and add it to {table} in {POLICY.name}"
            )

    def unused(self, packages: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
        """Readings of packages that are gone or say something else now."""
        return [
            f"{reading.package} no longer says {list(reading.stated)}: remove its [[read]] from {POLICY.name}"
            for reading in self.read
            if (reading.package, reading.stated) not in packages
        ]


def _parsed(text: str) -> LicenseExpression | None:
    try:
        return _SPDX.parse(text, validate=True)
    except ExpressionError:
        return None


def _satisfied(expression: LicenseExpression, allowed: Collection[str]) -> bool:
    if isinstance(expression, AND):
        return all(_satisfied(part, allowed) for part in expression.args)
    if isinstance(expression, OR):
        return any(_satisfied(part, allowed) for part in expression.args)
    return expression.render() in allowed
