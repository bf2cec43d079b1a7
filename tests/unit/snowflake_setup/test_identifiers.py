from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal

names = st.text(min_size=1, max_size=40).filter(str.isprintable)
HOSTILE = ['"', '""', "'; DROP TABLE X; --", 'A"."B', "a.b", "Ünï/cödé", "/", "\\", "%", "$$"]


def unquoted(sql: str, quote: str) -> list[str]:
    """The values of the quoted parts, as an SQL lexer reads them."""
    values, at = [], 0
    while at < len(sql):
        assert sql[at] == quote
        value, at = "", at + 1
        while sql[at] != quote or sql[at : at + 2] == quote * 2:
            step = 2 if sql[at] == quote or (quote == "'" and sql[at] == "\\") else 1
            value, at = value + sql[at + step - 1], at + step
        values.append(value)
        at += 1
        if at < len(sql):
            assert sql[at] == "."
            at += 1
    return values


@given(names, names, names)
def test_a_lexer_reads_back_exactly_the_three_names(database: str, schema: str, name: str) -> None:
    assert unquoted(ObjectName.of(database, schema, name).sql(), '"') == [database, schema, name]


@given(names, names, names)
def test_a_physical_id_of_any_name_is_parsed_back(database: str, schema: str, name: str) -> None:
    found = PhysicalId("acme-x1", "PIPE", ObjectName.of(database, schema, name))
    assert PhysicalId.parse(str(found)) == found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_quoted(name: str) -> None:
    assert unquoted(ObjectName.of(name, name, name).sql(), '"') == [name] * 3
    assert ObjectName.parse(ObjectName.of(name, name, name).sql()) == ObjectName.of(name, name, name)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_literal_reads_back_as_its_text(text: str) -> None:
    assert unquoted(literal(text), "'") == [text]


@pytest.mark.parametrize("bad", ["", "A" * 256, "A\0", "A\nB", "A\u202eB", "\ud800"])
def test_names_with_invisible_characters_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="a name has"):
        Identifier(bad)


@pytest.mark.parametrize("bad", ["a\0", "\ud800"])
def test_literals_snowflake_cannot_store_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|Unicode"):
        literal(bad)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "Landing-Pipe-1A2B3C",
        "acme/PIPE/",
        "acme/PIPE/A.B.C",
        'acme/PIPE/"A"."B"',
        "//",
        'x/"A"."B"."C"',
        '/PIPE/"A"."B"."C"',
        'acme//"A"."B"."C"',
    ],
)
def test_a_foreign_id_is_recognized(foreign: str) -> None:
    assert PhysicalId.parse(foreign) is None
