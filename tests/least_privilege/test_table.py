"""The table is complete in itself."""

from __future__ import annotations

import pytest

from tests.least_privilege.attempt import Identity
from tests.least_privilege.table import IDENTITIES


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_every_identity_has_allowed_and_denied_attempts(identity: Identity) -> None:
    titles = [attempt.title for attempt in identity.attempts]
    assert len(titles) == len(set(titles)), "a line of the page says one thing"
    assert {attempt.allowed for attempt in identity.attempts} == {True, False}
