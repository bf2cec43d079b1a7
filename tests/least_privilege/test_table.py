"""The table is complete in itself, and the page that reviewers read says what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.least_privilege import page
from tests.least_privilege.attempt import Identity
from tests.least_privilege.table import IDENTITIES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_make_docs_writes() -> None:
    assert (DOCS / page.NAME).read_text(encoding="utf-8") == page.text()


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_an_identity_tries_what_it_must_and_what_it_must_not(identity: Identity) -> None:
    titles = [attempt.title for attempt in identity.attempts]
    assert len(titles) == len(set(titles)), "a line of the page says one thing"
    assert {attempt.allowed for attempt in identity.attempts} == {True, False}
