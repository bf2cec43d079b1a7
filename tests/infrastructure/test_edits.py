"""Each key of a deployed environment's config can be changed by `cdk deploy --all`, or docs/changes.md says how."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from config.files import fields_by_key, section_of
from config.model import PipelineConfig
from docs.tables.changes import WAYS
from tests.infrastructure.edits import ANOTHER_ENVIRONMENT, EDITS, Edit
from tests.infrastructure.verdicts import narrowed, pairs, reasons_against


@pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])
def test_an_edit_is_plain_or_has_a_way(edit: Edit) -> None:
    reasons = reasons_against(edit)
    assert bool(reasons) == bool(edit.way), (
        reasons or "it is plain, and needs no row in docs/tables/changes.py"
    )


# A right that a plain edit takes before its user stops using it, and why no event is lost.
NARROWED = {
    r"Streaming/\w+DeliveryRoleDefaultPolicy\w+ kms:Decrypt": "the key itself serves those who may use its stream",
    r"Landing/SnowflakeFunctionRoleDefaultPolicy\w+ secretsmanager:\w+": "no request comes in between",
    r"Ops/\w+RoleDefaultPolicy\w+ .+": "the next minute's round succeeds",
    r"Producer/\w+ s3:GetObject": "a machine reads its script when it starts",
    r"Ci/\w+ sts:AssumeRoleWithWebIdentity": "the edit is about who may",
}


@pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])
def test_a_plain_edit_takes_no_right_that_is_used(edit: Edit) -> None:
    if edit.way or edit.stopped or edit.removes_kinds:
        return
    lost = {" ".join(right) for right in narrowed(edit)}
    assert {right for right in lost if not any(re.match(excused, right) for excused in NARROWED)} == set()


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
