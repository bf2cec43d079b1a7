from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.names import literal, quote
from laptop.snowflake.sql.lexer import TokenKind, tokenize

TEXT = st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"]))


@given(TEXT)
def test_a_quoted_string_is_read_back_unchanged(text: str) -> None:
    token, end = tokenize(literal(text))
    assert (token.kind, token.value, end.kind) == (TokenKind.STRING, text, TokenKind.END)


@given(TEXT.filter(bool))
def test_a_quoted_identifier_is_read_back_unchanged(text: str) -> None:
    token, _ = tokenize(quote(text))
    assert (token.kind, token.value) == (TokenKind.QUOTED, text)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a -- comment\n b", ["a", "b"]),
        ("a /* b\n c */ d // e", ["a", "d"]),
        (r"'it\'s' 'a''b' 'x\\y' 'l\n'", ["it's", "a'b", "x\\y", "l\n"]),
        ("$$raw 'text'$$", ["raw 'text'"]),
        ('@"DB"."S"."ST"/a/b=1/ x', ['@"DB"."S"."ST"/a/b=1/', "x"]),
        ("METADATA$FILENAME=>1.5", ["METADATA$FILENAME", "=>", "1.5"]),
    ],
)
def test_tokens(sql: str, expected: list[str]) -> None:
    assert [token.value for token in tokenize(sql)][:-1] == expected


@pytest.mark.parametrize(
    ("sql", "line", "position", "voice"),
    [
        ("SELECT\n  'open", 2, 2, "SQL compilation error"),
        ('x "', 1, 2, "SQL compilation error"),
        ("a ?", 1, 2, "The laptop's stand-in cannot run this"),
    ],
)
def test_an_invalid_token_is_reported_with_its_position(
    sql: str, line: int, position: int, voice: str
) -> None:
    told = rf"(?s){voice}.* line {line} at position {position} unexpected"
    with pytest.raises(SnowflakeError, match=told):
        tokenize(sql)
