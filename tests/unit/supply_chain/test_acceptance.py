"""A vulnerability passes only where somebody has accepted it, with a reason and for a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from supply_chain.acceptance import Acceptances
from supply_chain.audit_report import Finding

FINDING = Finding(package="six", version="1.17.0", ids=("PYSEC-1", "CVE-1"), fixed_in="")
DAY = date(2027, 1, 31)


def acceptances(tmp_path: Path, text: str) -> Acceptances:
    (tmp_path / "audit.toml").write_text(text)
    return Acceptances.load(tmp_path / "audit.toml")


def test_it_passes_by_any_of_its_names_until_the_day(tmp_path: Path) -> None:
    for name in FINDING.ids:
        accepted = acceptances(
            tmp_path,
            f'[[accepted]]\nid = "{name}"\nuntil = 2027-01-31\nreason = "never called with foreign input"',
        )
        assert accepted.remaining([FINDING], DAY) == []
        assert accepted.remaining([FINDING], date(2027, 2, 1)) == [FINDING]
        assert accepted.pointless([FINDING]) == []


def test_one_that_matches_nothing_is_told(tmp_path: Path) -> None:
    accepted = acceptances(
        tmp_path, '[[accepted]]\nid = "CVE-2"\nuntil = 2027-01-31\nreason = "never called with foreign input"'
    )
    assert accepted.remaining([FINDING], DAY) == [FINDING]
    assert accepted.pointless([FINDING]) == ["CVE-2"]


@pytest.mark.parametrize("missing", ["id", "until", "reason"])
def test_it_needs_a_name_a_day_and_a_reason(missing: str, tmp_path: Path) -> None:
    values = {"id": '"CVE-1"', "until": "2027-01-31", "reason": '"never called with foreign input"'}
    lines = [f"{key} = {value}" for key, value in values.items() if key != missing]
    with pytest.raises(ValidationError, match=missing):
        acceptances(tmp_path, "\n".join(["[[accepted]]", *lines]))


def test_a_short_reason_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="reason"):
        acceptances(tmp_path, '[[accepted]]\nid = "CVE-1"\nuntil = 2027-01-31\nreason = "n/a"')


def test_ours_can_be_read() -> None:
    Acceptances.load()
