"""Documents are found in plain and compressed bytes, for any split into chunks, and damage costs no whole document."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import Found
from contract.finding import KEPT_CHARACTERS
from producer.documents import documents
from producer.errors import InputError

LINES = [b'{"n":%d}' % number for number in range(2_000)]
TEXT = b"".join(line + b"\n" for line in LINES)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(chunks: Sequence[bytes | None] | Iterator[bytes | None]) -> list[Found]:
    return [found for found in documents(iter(chunks)) if found is not None]


def values(chunks: Sequence[bytes | None] | Iterator[bytes | None]) -> list[object]:
    return [found.value for found in read(chunks)]


def read_until_damage(data: bytes) -> tuple[list[Found], str]:
    found: list[Found] = []
    with pytest.raises(InputError) as caught:
        found.extend(one for one in documents(cut(data, 10_000)) if one is not None)
    # `extend` keeps the documents before the error.
    return found, str(caught.value)


TEXTS = st.lists(
    st.sampled_from([b'{"a": "\xc3\xa9"}', b'[{"b":1},{"c":2}]', b"oops", b"\xff", b'{\n"d":\n1}', b""])
)


@given(TEXTS, st.integers(1, 50), st.booleans())
def test_any_split_gives_the_same_documents(texts: list[bytes], size: int, compressed: bool) -> None:
    data = b"\n".join(texts)
    whole = read([data]) if data else []
    assert read(cut(gzip.compress(data) if compressed else data, size)) == whole
    assert len(whole) == sum({b"": 0}.get(text, 2 if text.startswith(b"[") else 1) for text in texts)


def test_bytes_that_are_not_utf8_are_kept() -> None:
    (found,) = read([b'{"a": "\xff\xc3\xa9"}'])
    assert found.text.encode("utf-8", "surrogateescape") == b'{"a": "\xff\xc3\xa9"}'


def test_a_byte_order_mark_is_accepted_at_the_beginning_only() -> None:
    mark = b"\xef\xbb\xbf"
    for size in (1, 2, 100):
        assert values(cut(mark + b'{"a":1}', size)) == [{"a": 1}]
    assert values([mark]) == []
    assert values([b'{"a":1}\n' + mark + b'{"a":2}']) == [{"a": 1}, None]


def test_a_pause_is_passed_on_at_once() -> None:
    found = [one and one.value for one in documents(iter([None, b'{"a":1}{"b"', None, b":2}", None]))]
    assert found == [None, {"a": 1}, None, {"b": 2}, None]


def test_a_pause_is_passed_on_through_gzip() -> None:
    data = gzip.compress(b'{"a":1}')
    found = [one and one.value for one in documents(iter([data[:5], None, data[5:]]))]
    assert found == [None, {"a": 1}]


def test_what_is_compressed_so_far_is_found_before_a_pause() -> None:
    first, second = gzip.compress(b'{"a":1}\n'), gzip.compress(b'{"a":2}\n')
    given = documents(iter([first, None, second]))
    assert next(one for one in given if one).value == {"a": 1}
    assert [one.value for one in given if one] == [{"a": 2}]


def test_an_endless_document_is_not_kept_in_memory() -> None:
    tracemalloc.start()
    found = read(iter([b"x" * 1024**2] * 40 + [b'\n{"a":1}\n']))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(one.line, one.value) for one in found] == [(1, None), (2, {"a": 1})]
    assert peak < 16 * 1024**2
    assert len(found[0].text) <= KEPT_CHARACTERS + 1024**2


def test_gzip_members_and_padding_are_read() -> None:
    data = gzip.compress(b'{"a":1}\n{"a"') + gzip.compress(b":2}\n") + b"\0" * 700
    assert values(cut(data, 100)) == [{"a": 1}, {"a": 2}]


def test_a_large_compressed_document_is_read_in_time() -> None:
    """Looking again at a document of a megabyte with every few kilobytes of it would take seconds."""
    feeds = 0
    big = json.dumps({"x": [f"{number * 7919:x}" for number in range(100_000)]}).encode()

    def counted(chunks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal feeds
        for chunk in chunks:
            feeds += 1
            yield chunk

    from producer import documents as module

    pieces = list(module._joined(module._gunzip(counted(cut(gzip.compress(big), 256 * 1024)))))
    assert len(pieces) <= len(big) // module._JOINED_BYTES + 1
    assert b"".join(piece for piece in pieces if piece) == big


@pytest.mark.parametrize("missing", [1, 8, 500])
def test_a_truncated_gzip_gives_every_whole_document_before_its_end(missing: int) -> None:
    found, message = read_until_damage(gzip.compress(TEXT)[:-missing])
    whole = [one.text.encode() for one in found if not one.flaws]
    assert "ends too early" in message
    assert whole == LINES[: len(whole)]
    assert len(whole) >= (len(LINES) if missing <= 8 else 1_500)
    # At most the document that was cut off is broken.
    assert len(found) - len(whole) <= 1


def test_a_corrupt_gzip_gives_the_documents_before_the_damage() -> None:
    data = bytearray(gzip.compress(TEXT))
    middle = len(data) // 2
    data[middle : middle + 40] = b"\xff" * 40
    found, message = read_until_damage(bytes(data))
    assert "corrupt" in message
    assert len(found) > 500
    # A flipped bit may still inflate for a few bytes; documents well before it are intact.
    assert [one.text.encode() for one in found[:500]] == LINES[:500]


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_bytes_after_the_gzip_are_an_error_after_the_last_document(ending: bytes) -> None:
    found, message = read_until_damage(gzip.compress(b'{"a":1}\n{"a":2}' + ending) + b"rubbish")
    assert ([one.value for one in found], "corrupt" in message) == ([{"a": 1}, {"a": 2}], True)


def test_documents_before_an_unreadable_piece_are_given() -> None:
    def failing() -> Iterator[bytes]:
        yield b'{"a":1}\n{"a":2'
        raise InputError("cannot be read any further")

    found: list[Found | None] = []
    with pytest.raises(InputError, match="cannot be read any further"):
        found.extend(documents(failing()))
    assert [one.text for one in found if one] == ['{"a":1}', '{"a":2']
