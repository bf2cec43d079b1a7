"""Another role of the login: it must see the objects of the former one."""

from __future__ import annotations

from typing import Any

import pytest

from clickstream_wire.resources import OWNER_ROLE
from snowflake_setup.session.errors import DefinitionConflictError
from tests.unit.snowflake_setup.events import FILE_FORMAT, INTEGRATION, PIPE, STAGE, TABLE, VIEW, send
from tests.unit.snowflake_setup.fakes import Bench, bench

OBJECTS: dict[str, dict[str, Any]] = {
    "FileFormat": FILE_FORMAT,
    "Stage": STAGE,
    "StorageIntegration": INTEGRATION,
    "Table": {**TABLE, "Columns": [*TABLE["Columns"], {"Name": "EVENT_TYPE", "Type": "VARCHAR"}]},
    "Pipe": PIPE,
    "View": VIEW,
}
RENAMED: dict[str, dict[str, str]] = {"same name": {}, "another name": {"Name": "ANOTHER"}}


@pytest.fixture
def ids(bench: Bench) -> dict[str, str]:
    """The physical ids of all objects, which the role DEPLOY has deployed."""
    return {
        kind: send(bench, "Create", kind, {**properties, OWNER_ROLE: "DEPLOY"})[0]
        for kind, properties in OBJECTS.items()
    }


def update(there: Bench, kind: str, ids: dict[str, str], **changed: Any) -> list[str]:
    """Send an update; the kinds of the statements that change something."""
    old = {**OBJECTS[kind], OWNER_ROLE: "DEPLOY"}
    send(there, "Update", kind, {**old, **changed}, old=old, physical_id=ids[kind])
    return there.snowflake.kinds


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_role_that_sees_an_object_leaves_it_alone(bench: Bench, ids: dict[str, str], kind: str) -> None:
    assert update(bench, kind, ids, **{OWNER_ROLE: "R"}) == []


@pytest.mark.parametrize("change", RENAMED)
@pytest.mark.parametrize("kind", OBJECTS)
def test_a_role_that_does_not_see_an_object_makes_no_other(
    ids: dict[str, str], kind: str, change: str
) -> None:
    hidden = bench()
    advice = 'was deployed by role "DEPLOY".* GRANT ROLE "DEPLOY" TO ROLE "R", and deploy'
    with pytest.raises(DefinitionConflictError, match=advice):
        update(hidden, kind, ids, **{**RENAMED[change], OWNER_ROLE: "R"})
    assert hidden.snowflake.kinds == []


@pytest.mark.parametrize("old", [{}, {OWNER_ROLE: "R"}])
def test_an_object_that_was_dropped_is_made_again(ids: dict[str, str], old: dict[str, str]) -> None:
    """By the same role, also after a deployment by a release that did not name it."""
    empty = bench()
    new = {**FILE_FORMAT, OWNER_ROLE: "R"}
    send(empty, "Update", "FileFormat", new, old={**FILE_FORMAT, **old}, physical_id=ids["FileFormat"])
    assert empty.snowflake.kinds == ["CREATE FILE FORMAT"]
