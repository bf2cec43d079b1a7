"""The locks of Lambdas and deployers have the tested versions."""

from __future__ import annotations

import re

import pytest

from config import ROOT


def versions(lock: str) -> set[tuple[str, str]]:
    text = (ROOT / lock).read_text()
    return {
        (name, version)
        for name, version in re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==([^ \\\n]+)", text, re.M)
    }


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "snowflake_setup/requirements.txt", "producer/requirements.txt"]
)
def test_a_lock_has_the_versions_that_are_tested(lock: str) -> None:
    assert len(versions(lock)) >= 5
    assert versions(lock) - versions("requirements-dev.txt") == set()
