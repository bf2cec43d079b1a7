"""An object is adopted unless another resource of a template manages it, whose removal would drop it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickstream_wire.resources import MANAGED
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.sql.comment_marks import FINGERPRINT, digest, marked, unmarked
from tests.unit.snowflake_setup.events import PIPE, STAGE, TABLE, VIEW, send
from tests.unit.snowflake_setup.fakes import Bench

ORDERS, BASKETS = (f"dev: {MANAGED}, stack Landing, {kind}" for kind in ("orders", "baskets"))
ADOPTED: dict[str, dict[str, Any]] = {"Stage": STAGE, "Pipe": PIPE, "View": VIEW}


def create(bench: Bench, kind: str, comment: str) -> list[str]:
    """Create an object; the kinds of the statements that change something."""
    send(bench, "Create", kind, {**ADOPTED[kind], "Comment": comment})
    return bench.snowflake.kinds


@pytest.fixture(params=ADOPTED)
def kind(request: pytest.FixtureRequest, bench: Bench) -> str:
    columns = [*TABLE["Columns"], {"Name": "EVENT_TYPE", "Type": "VARCHAR"}]
    send(bench, "Create", "Table", {**TABLE, "Columns": columns})
    if request.param == "Pipe":
        send(bench, "Create", "Stage", STAGE)
    create(bench, request.param, ORDERS)
    return str(request.param)


def test_the_object_of_another_resource_is_left_alone(bench: Bench, kind: str) -> None:
    """As when a kind of event is renamed and keeps its table."""
    with pytest.raises(DefinitionConflictError, match=r"another resource's: 'dev: managed by .*, orders'"):
        create(bench, kind, BASKETS)
    assert bench.snowflake.kinds == []


def test_a_repeated_request_finds_its_own_object(bench: Bench, kind: str) -> None:
    assert not [sent for sent in create(bench, kind, ORDERS) if sent.startswith("CREATE")]


def test_an_object_with_a_comment_of_a_person_is_adopted(bench: Bench) -> None:
    create(bench, "Stage", "ours")
    assert create(bench, "Stage", ORDERS) == ["ALTER STAGE"]
    assert "orders" in next(s.sql() for s in bench.snowflake.sent if "ALTER STAGE" in s.sql())


@given(st.text(max_size=20).filter(lambda text: text == text.strip() and "[" not in text))
def test_a_comment_is_found_again_without_its_marks(comment: str) -> None:
    under_way = marked(comment, "replacing", '["2026-11-28T00:00:00", "s3://lake/"]')
    for carried in (comment, under_way, marked(under_way, FINGERPRINT, digest("copy"))):
        assert unmarked(carried) == comment
