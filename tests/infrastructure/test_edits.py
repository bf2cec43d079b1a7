"""Each key of a deployed environment's config can be changed by `cdk deploy --all`, or docs/changes.md says how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from config.files import fields_by_key, section_of
from config.model import PipelineConfig
from docs.tables.changes import WAYS
from tests.infrastructure.edits import ANOTHER_ENVIRONMENT, EDITS, Edit
from tests.infrastructure.verdicts import pairs, reasons_against


@pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])
def test_an_edit_is_plain_or_has_a_way(edit: Edit) -> None:
    reasons = reasons_against(edit)
    assert bool(reasons) == bool(edit.way), (
        reasons or "it is plain, and needs no row in docs/tables/changes.py"
    )


def test_plain_edits_are_plain_in_pairs() -> None:
    refused = {edit.id: reasons for edit in pairs() if (reasons := reasons_against(edit))}
    assert refused == {}


def test_every_key_is_edited() -> None:
    edited = {key for edit in EDITS for key in edit.keys}
    assert set(_keys(PipelineConfig)) - ANOTHER_ENVIRONMENT == edited


def test_every_way_is_that_of_an_edit() -> None:
    assert {edit.way for edit in EDITS if edit.way} == set(WAYS)


def _keys(model: type[BaseModel], section: str = "") -> Iterator[str]:
    for key, field in fields_by_key(model).items():
        inner = section_of(field)
        if inner and field.default != ():  # a list of sections is one key
            yield from _keys(inner, f"{section}{key}.")
        else:
            yield f"{section}{key}"
