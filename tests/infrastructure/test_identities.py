"""Every role and user of the templates is in the least-privilege table, and so is tested."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS
from tests.least_privilege.table import IDENTITIES

TRIED = {identity.logical_id for identity in IDENTITIES}


def acting(pipeline: Pipeline) -> set[str]:
    """Logical ids of roles and users, without the hash; those of another kind of event count as those of clicks."""
    return {
        logical_id[:-8].replace("Orders", "Clicks")
        for stack in pipeline.stacks
        for resource_type in ("AWS::IAM::Role", "AWS::IAM::User")
        for logical_id in pipeline.resources(stack, resource_type)
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_every_role_and_user_is_in_the_table(variant: Callable[[str], Pipeline], name: str) -> None:
    assert acting(variant(name)) <= TRIED


def test_the_table_names_existing_identities_only(variant: Callable[[str], Pipeline]) -> None:
    assert set().union(*(acting(variant(name)) for name in VARIANTS)) == TRIED
