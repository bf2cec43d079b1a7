"""Statements about integrations and views keep their meaning with hostile names."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from laptop.testing.stand_in import Alter, Create, CreateView, Kind, Name, Show, parse, parse_query
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.stage import AlterStage, BoundIntegration
from snowflake_setup.sql.storage_integration import (
    AlterStorageIntegration,
    CreateStorageIntegration,
    ValidateStorageIntegration,
)
from snowflake_setup.sql.view import ReplaceView, ShowView

names = st.text(min_size=1, max_size=20).filter(str.isprintable)
texts = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
HOSTILE = """x'; DROP TABLE "T"; -- /* \\' $$ */ 'é"""


@given(names, texts)
@example(HOSTILE, HOSTILE)
def test_an_integration(name: str, text: str) -> None:
    integration = ObjectName.of(name)
    made = parse(CreateStorageIntegration(integration, "arn", text, ("s3://b/",), text).sql())
    assert isinstance(made, Create)
    assert (made.kind, made.name, made.if_not_exists) == (Kind.INTEGRATION, Name((name,)), True)
    assert made.fields == {
        "enabled": True,
        "aws_role_arn": "arn",
        "aws_external_id": text,
        "allowed_locations": ("s3://b/",),
        "comment": text,
    }
    altered = parse(AlterStorageIntegration(integration, comment=text).sql())
    assert altered == Alter(Kind.INTEGRATION, Name((name,)), False, {"comment": text})
    bound = parse(AlterStage(ObjectName.of("D", "S", name), access=BoundIntegration(integration)).sql())
    assert bound == Alter(Kind.STAGE, Name(("D", "S", name)), False, {"integration": name})
    call = parse_query(ValidateStorageIntegration(integration, text).sql()).find(exp.Anonymous)
    assert call is not None
    assert [argument.name for argument in call.expressions] == [name, text, "unused", "list"]


@given(names, names, texts)
@example(HOSTILE, HOSTILE + "2", HOSTILE)
def test_a_view(name: str, other: str, comment: str) -> None:
    view, table = ObjectName.of("D", "S", name), ObjectName.of("D", name, other)
    key, kind = Identifier(name), Identifier(other)
    query = FirstArrivals(table, key, (kind, key), kind)
    made = parse(ReplaceView(view, comment, query, (key, kind)).sql())
    assert isinstance(made, CreateView)
    assert (made.name, made.or_replace, made.copy_grants) == (Name(("D", "S", name)), True, True)
    assert made.fields == {"comment": comment}
    select = parse_query(made.query)
    assert isinstance(select, exp.Select)
    assert [column.name for column in select.selects] == [name, other]
    (source,) = select.find_all(exp.Table)
    assert [part.name for part in source.parts] == ["D", name, other]
    shown = parse(ShowView(view).sql())
    assert shown == Show(Kind.VIEW, name.replace("\\", "_"), "SCHEMA", Name(("D", "S")))
