"""Documents are found in any arrangement and any split, and a broken one costs the rest of its line at most."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import DocumentFinder, Reason, one_line
from contract.finding import KEPT_CHARACTERS
from contract.reading import JsonReader
from tests.unit.contract.finding import document, documents

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
EVENTS = st.dictionaries(
    NAMES,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | NAMES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
INDENTS = st.sampled_from([None, 0, 2])


@st.composite
def arrangements(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A text, and the events in it: alone or in arrays, on one line or several, with broken lines in between."""
    parts, events = [], []
    for _ in range(draw(st.integers(0, 6))):
        some = draw(st.lists(EVENTS, max_size=3))
        kind = draw(st.sampled_from(["lines", "array", "joined", "broken"]))
        indent, ascii_only = draw(INDENTS), draw(st.booleans())
        texts = [json.dumps(event, indent=indent, ensure_ascii=ascii_only) for event in some]
        if kind == "array":
            parts.append(
                json.dumps(some, indent=indent, ensure_ascii=ascii_only) + draw(st.sampled_from(["", "\n"]))
            )
        elif kind == "broken":
            parts.append(
                "\n" + draw(st.sampled_from(["oops", '{"a": tru}', '"', '{"a"', "}", '{"a": 1 "b"}'])) + "\n"
            )
            continue
        else:
            parts.append({"lines": "\r\n", "joined": ""}[kind].join(texts))
        events += some
    return "".join(parts), events


@given(arrangements(), st.integers(1, 40))
def test_all_events_are_found_for_any_split(arranged: tuple[str, list[dict[str, Any]]], size: int) -> None:
    text, events = arranged
    whole = documents(text)
    assert [found.value for found in whole if found.value is not None] == events
    assert documents(text, size) == whole
    for found in whole:
        assert found.text in text
        assert found.text.split("\n")[0].rstrip("\r") in text.split("\n")[found.line - 1]


@given(st.text(alphabet='[]{}",:\\ \n1-etrufalsn\u00e9\udc80', max_size=60), st.integers(1, 10))
def test_any_text_is_found_alike_for_any_split_and_nothing_but_punctuation_is_lost(
    text: str, size: int
) -> None:
    whole = documents(text)
    assert documents(text, size) == whole
    rest = text
    for found in whole:
        before, _, rest = rest.partition(found.text) if found.text != "[" else ("", "", rest)
        assert set(before) <= set("[], \n")
    assert set(rest) <= set("[], \n")


def test_lines_are_numbered_by_the_beginning_of_a_document() -> None:
    found = documents('\n{"a":\n1}\n\n[{"b":2},\n{"c":3}]{"d":4}\noops')
    assert [(one.line, one.text.replace("\n", "")) for one in found] == [
        (2, '{"a":1}'),
        (5, '{"b":2}'),
        (6, '{"c":3}'),
        (6, '{"d":4}'),
        (7, "oops"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('oops {"a":1}\n{"b":2}', ["oops", {"b": 2}]),
        ('{"a":1} oops {"b":2}\n{"c":3}', [{"a": 1}, "oops", {"c": 3}]),
        ('{"a":\n{"b":2}\n{"c":3}', ['{"a":', {"b": 2}, {"c": 3}]),
        ('[{"a":1}, oops, {"b":2}]\n{"c":3}', [{"a": 1}, "oops,", {"c": 3}]),
        (
            '[\n{"a":1},\noops\n,{"b":2},\n{"c":3}\n]\n{"d":4}',
            [{"a": 1}, "oops", {"b": 2}, {"c": 3}, {"d": 4}],
        ),
        ('[{"a":1} {"b":2}, {"c":3}]', [{"a": 1}, {"b": 2}, {"c": 3}]),
        ('[2026-01-01 10:00] started\n{"a":1}\n[{"b":2}]', [2026, "-01-01", {"a": 1}, {"b": 2}]),
        ('[info] started\n[{"a":1},{"b":2}]', ["info]", {"a": 1}, {"b": 2}]),
        ('[{"a":1},', [{"a": 1}, "["]),
        ("[", ["["]),
        ('{"a":1},\n{"b":2}', [{"a": 1}, ",", {"b": 2}]),
        ('{"a":1}]\n{"b":2}', [{"a": 1}, "]", {"b": 2}]),
        ("[]\n{}", [{}]),
    ],
)
def test_a_broken_text_costs_the_rest_of_its_line_at_most(text: str, found: list[Any]) -> None:
    """Texts that are no document are given by their first word."""
    assert [one.text.split()[0] if one.value is None else one.value for one in documents(text)] == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "not JSON: Expecting value at character 1"),
        ('{"a": nope}', "not JSON: Expecting value at character 7"),
        ('  {"a": 1', "not JSON: Expecting ',' delimiter at character 8"),
        ("1 2", "not JSON: Extra data at character 2"),
        ("[1", "not JSON: an array without its end"),
        ('{"a": "x\ty"}', "not JSON: Invalid control character at at character 9"),
    ],
)
def test_a_broken_text_has_a_reason_and_its_place(text: str, message: str) -> None:
    (flaw,) = documents(text)[-1].flaws
    assert (flaw.reason, flaw.text) == (Reason.NOT_JSON, message)


def test_scalars_and_nested_arrays_are_documents() -> None:
    assert [one.value for one in documents('12\n"x"\ntrue\n[1,[2,{"a":3}]]', 1)] == [
        12,
        "x",
        True,
        1,
        [2, {"a": 3}],
    ]
    assert [(one.text, one.flaws) for one in documents("null\n")] == [("null", [])]


def test_white_space_around_a_broken_text_is_left_out_and_nothing_else() -> None:
    assert [one.text for one in documents("\t oops\u00a0 \r\n")] == ["oops\u00a0"]


@pytest.mark.parametrize("opening", ["x", '{"a": "', "[", '{"a": ', '[{"a": "', "1"])
@pytest.mark.parametrize("after", ["\n", '"\n', ""])
def test_an_endless_text_is_cut_off_and_the_next_line_is_found(opening: str, after: str) -> None:
    finder, piece = DocumentFinder(), "1" * 100_000
    found = [*finder.feed(opening)]
    for _ in range(3 * KEPT_CHARACTERS // len(piece)):
        found += finder.feed(piece)
    found += finder.feed(after or "\n")
    found += finder.feed('{"next": 1}\n')
    found += finder.close()
    assert found[0].flaws[0].reason is Reason.TOO_LARGE
    assert found[0].flaws[0].text == "too large: an event does not end"
    assert KEPT_CHARACTERS <= len(found[0].text) < KEPT_CHARACTERS + 2 * len(piece)
    assert [one.value for one in found if not one.flaws] == [{"next": 1}]
    assert len(found) == 2


def test_an_endless_document_over_many_lines_costs_its_first_line() -> None:
    line = '{"event": 1},\n'
    text = '{"events": [\n' + line * (KEPT_CHARACTERS // len(line) + 2)
    finder = DocumentFinder()
    first, second = (one for one, _ in zip(finder.feed(text), range(2), strict=False))
    assert (first.text, first.flaws[0].reason) == ('{"events": [', Reason.TOO_LARGE)
    assert second.value == {"event": 1}


def test_a_document_larger_than_that_is_found_if_it_arrives_whole() -> None:
    assert document('{"a": "' + "x" * 2 * KEPT_CHARACTERS + '"}').flaws == []


def test_a_document_is_given_as_soon_as_it_ends() -> None:
    finder = DocumentFinder()
    assert [one.value for one in finder.feed('[{"a": 1}')] == [{"a": 1}]
    assert [one.value for one in finder.feed(', {"b": 2')] == []
    assert [one.value for one in finder.feed("}")] == [{"b": 2}]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a" : 1.50}', '{"a" : 1.50}'),
        ('{\n "a": [1.5,\r\n "\u00e9\\n"]}', '{"a":[1.5,"\u00e9\\n"]}'),
        ("oops", "oops"),
    ],
)
def test_a_document_over_several_lines_is_written_on_one(text: str, line: str) -> None:
    assert one_line(document(text)) == line


def test_documents_that_are_begun_and_not_ended_take_no_longer_than_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each line of this could be the beginning of a document over all lines that follow."""
    monkeypatch.setattr("contract.finding.KEPT_CHARACTERS", 1000)
    read, reader = [], JsonReader()

    def counted(text: str, start: int) -> object:
        try:
            return reader.read(text, start)
        except json.JSONDecodeError as error:
            read.append(error.pos - start)
            raise

    opened = '{"a":[\n'
    text = opened * 400 + "1,\n" * 10_000 + "oops\n" + '{"next": 1}\n'
    finder = DocumentFinder()
    monkeypatch.setattr(finder, "_reader", SimpleNamespace(read=counted))
    found = [*finder.feed(text), *finder.close()]
    assert sum(read) < 25 * len(text)
    assert found[0].text == opened.strip()
    assert found[-1].value == {"next": 1}


@pytest.fixture
def _levels_of_a_lambda() -> Iterator[None]:
    """Python's usual limit, which the AWS emulator raises in the process that imports it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("_levels_of_a_lambda")
def test_too_many_levels_take_no_longer_than_others() -> None:
    text = '{"k":[{"a":0},\n' * 40_000
    started = time.process_time()
    assert documents(text)
    assert time.process_time() - started < 10
