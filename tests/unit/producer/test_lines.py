"""Lines are reassembled and numbered, for any split into chunks."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import InputError
from producer.lines import Line, split_lines

TEXT = b"".join(b'{"n": %d}\n' % number for number in range(2_000))


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(chunks: Sequence[bytes | None] | Iterator[bytes | None]) -> list[Line]:
    return [line for line in split_lines(iter(chunks)) if line is not None]


def read_until_damage(data: bytes) -> tuple[list[bytes], str]:
    lines: list[bytes] = []
    with pytest.raises(InputError) as caught:
        lines.extend(line.data for line in split_lines(cut(data, 10_000)) if line is not None)
    # `extend` keeps the lines before the error.
    return lines, str(caught.value)


@given(
    st.lists(st.binary(max_size=20).map(lambda text: text.replace(b"\n", b"").replace(b"\x1f", b""))),
    st.integers(1, 50),
    st.booleans(),
)
def test_any_split_gives_the_same_lines(texts: list[bytes], size: int, compressed: bool) -> None:
    data = b"".join(text + b"\n" for text in texts)
    chunks = cut(gzip.compress(data) if compressed else data, size)
    assert read(chunks) == [Line(number, text, len(text)) for number, text in enumerate(texts, 1)]


def test_a_last_line_without_a_newline_counts() -> None:
    assert read([b"a\nb"]) == [Line(1, b"a", 1), Line(2, b"b", 1)]


def test_a_pause_is_passed_on_at_once() -> None:
    assert list(split_lines(iter([None, b"a\nb", None, b"c\n", None]))) == [
        None,
        Line(1, b"a", 1),
        None,
        Line(2, b"bc", 2),
        None,
    ]


def test_a_pause_is_passed_on_through_gzip() -> None:
    data = gzip.compress(b"a\n")
    assert list(split_lines(iter([data[:5], None, data[5:]]))) == [None, Line(1, b"a", 1)]


def test_an_endless_line_is_counted_but_not_kept() -> None:
    lines = read(iter([b"x" * 1024**2] * 20 + [b"\nshort\n"]))
    assert [(line.number, line.size) for line in lines] == [(1, 20 * 1024**2), (2, 5)]
    assert len(lines[0].data) <= 3 * 1024**2


def test_an_endless_last_line_is_counted_too() -> None:
    assert [line.size for line in read(iter([b"x" * 1024**2] * 5))] == [5 * 1024**2]


def test_gzip_members_and_padding_are_read() -> None:
    data = gzip.compress(b"a\nb") + gzip.compress(b"c\n") + b"\0" * 700
    assert [line.data for line in read(cut(data, 100))] == [b"a", b"bc"]


@pytest.mark.parametrize("missing", [1, 8, 500])
def test_a_truncated_gzip_gives_every_whole_line_before_its_end(missing: int) -> None:
    lines, message = read_until_damage(gzip.compress(TEXT)[:-missing])
    expected = TEXT.splitlines()
    assert "ends too early" in message
    assert lines == expected[: len(lines)]
    assert len(lines) >= (len(expected) if missing <= 8 else 1_500)


def test_a_corrupt_gzip_gives_the_lines_before_the_damage() -> None:
    data = bytearray(gzip.compress(TEXT))
    middle = len(data) // 2
    data[middle : middle + 40] = b"\xff" * 40
    lines, message = read_until_damage(bytes(data))
    assert "corrupt" in message
    assert len(lines) > 500
    # A flipped bit may still inflate for a few bytes; lines well before it are intact.
    assert lines[:500] == TEXT.splitlines()[:500]


def test_garbage_after_the_gzip_is_an_error_after_the_lines() -> None:
    lines, message = read_until_damage(gzip.compress(b"a\n") + b"rubbish")
    assert (lines, "corrupt" in message) == ([b"a"], True)
