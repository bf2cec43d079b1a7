"""Generated events satisfy any contract and form plausible sessions."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from contract import EventContract, Found
from producer import DocumentChecker, Event, generate

SEEDS = st.integers(0, 2**32)


def load(**fields: Any) -> EventContract:
    """The project's contract with `fields` added or replaced."""
    schema = json.loads(contract.DEFAULT_PATH.read_text())
    schema["properties"] |= fields
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "event.schema.json"
        file.write_text(json.dumps(schema))
        return contract.load(file)


def events(some: EventContract, count: int, seed: int | None = 1) -> list[dict[str, Any]]:
    return [json.loads(found.text) for found in generate(some, count=count, seed=seed)]


def assert_valid(some: EventContract, documents: list[Found]) -> None:
    checker = DocumentChecker(some, max_bytes=1_024_000)
    verdicts = [checker.check(found) for found in documents]
    assert all(isinstance(verdict, Event) for verdict in verdicts), verdicts


@given(SEEDS, st.integers(1, 120))
def test_every_event_satisfies_the_contract(seed: int, count: int) -> None:
    documents = list(generate(contract.load(), count=count, seed=seed))
    assert_valid(contract.load(), documents)
    assert [json.loads(found.text) for found in documents] == [found.value for found in documents]
    assert [found.line for found in documents] == list(range(1, count + 1))


def test_the_same_seed_gives_the_same_bytes(click_event: EventContract) -> None:
    assert list(generate(click_event, count=200, seed=5)) == list(generate(click_event, count=200, seed=5))
    assert list(generate(click_event, count=200, seed=5)) == list(
        generate(click_event, count=200, seed=5, rate=99)
    )
    assert list(generate(click_event, count=200, seed=5)) != list(generate(click_event, count=200, seed=6))


def test_without_a_seed_events_are_new_and_recent(click_event: EventContract) -> None:
    first, second = events(click_event, 50, None), events(click_event, 50, None)
    assert {one["event_id"] for one in first}.isdisjoint(one["event_id"] for one in second)
    age = datetime.now(UTC) - datetime.fromisoformat(first[-1]["timestamp"])
    assert abs(age.total_seconds()) < 120


def test_at_a_rate_each_event_has_the_time_at_which_it_is_requested(click_event: EventContract) -> None:
    """A producer that runs for months must neither drift from the clock nor stay behind after a pause."""
    endless = generate(click_event, rate=0.001)
    for _ in range(20):
        asked = datetime.now(UTC)
        made = datetime.fromisoformat(json.loads(next(endless).text)["timestamp"])
        assert -0.001 <= (made - asked).total_seconds() < 5


def test_ids_are_unique_and_time_moves_forward(click_event: EventContract) -> None:
    made = events(click_event, 3_000)
    assert len({one["event_id"] for one in made}) == 3_000
    moments = [one["timestamp"] for one in made]
    assert moments == sorted(moments)
    assert moments[0] < moments[-1]


def test_sessions_open_with_a_page_view_and_close_with_their_duration(click_event: EventContract) -> None:
    sessions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in events(click_event, 3_000):
        sessions[one["session_id"]].append(one)
    closed = [steps for steps in sessions.values() if steps[-1]["event_type"] == "session_end"]
    assert len(closed) > 200
    for steps in sessions.values():
        assert steps[0]["event_type"] == "page_view"
        assert len({(one["user_id"], one["platform"]) for one in steps}) == 1
        for one in steps:
            assert ("scroll_depth" in one) == (one["event_type"] == "scroll")
            assert ("session_duration" in one) == (one["event_type"] == "session_end")
    for steps in closed:
        first, last = (datetime.fromisoformat(steps[end]["timestamp"]) for end in (0, -1))
        assert steps[-1]["session_duration"] == pytest.approx((last - first).total_seconds(), abs=0.002)


def test_values_are_drawn_from_the_contracts_examples(click_event: EventContract) -> None:
    made = events(click_event, 3_000)
    examples = {field.name: field.examples for field in click_event.fields}
    for name in ("event_type", "platform", "page_id"):
        assert set(Counter(one[name] for one in made)) == set(examples[name])


def test_a_new_field_of_the_contract_is_generated() -> None:
    some = load(
        country={"type": "string", "examples": ["DE", "FR"]},
        plan={"enum": ["free", "paid"], "type": "string"},
        day={"type": "string", "format": "date"},
        seen_at={"type": ["string", "null"], "format": "date-time"},
        trace={"type": "string", "format": "uuid"},
        code={"type": "string", "minLength": 3, "maxLength": 3},
        clicks={"type": "integer", "exclusiveMinimum": 2, "maximum": 10, "multipleOf": 5},
        share={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        bot={"type": "boolean"},
        tags={"type": "array"},
        extra={"type": "object"},
    )
    assert_valid(some, list(generate(some, count=100, seed=1)))
    one = events(some, 1)[0]
    assert one["country"] in {"DE", "FR"}
    assert one["plan"] in {"free", "paid"}
    assert one["clicks"] in {5, 10}
    assert one["seen_at"] == one["timestamp"]


@given(
    st.sampled_from(["integer", "number"]),
    st.integers(-1_000, 1_000),
    st.integers(0, 500),
    st.sampled_from(["minimum", "exclusiveMinimum", None]),
    st.sampled_from(["maximum", "exclusiveMaximum", None]),
    SEEDS,
)
def test_bounds_are_kept(
    kind: str, low: int, span: int, lower: str | None, upper: str | None, seed: int
) -> None:
    # An open range must contain a value strictly inside.
    high = low + span + 2
    schema = {"type": kind, **({lower: low} if lower else {}), **({upper: high} if upper else {})}
    some = load(measure=schema)
    assert_valid(some, list(generate(some, count=30, seed=seed)))


def test_an_enum_is_respected() -> None:
    some = load(event_type={"type": "string", "enum": ["open", "close"]})
    assert {one["event_type"] for one in events(some, 200)} == {"open", "close"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        {"type": "array", "minItems": 1},
        {"type": "object", "required": ["a"]},
        {"type": "string", "format": "email"},
        {"type": "string", "examples": ["fine", 5]},
        {"type": "integer", "minimum": 3, "maximum": 2},
    ],
)
def test_the_error_for_a_field_that_cannot_be_generated_asks_for_examples(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"field 'odd': cannot generate a value.*give it \"examples\""):
        generate(load(odd=schema), count=1, seed=1)


def test_without_a_count_it_never_ends(click_event: EventContract) -> None:
    assert len(list(itertools.islice(generate(click_event, rate=1_000_000), 5_000))) == 5_000
