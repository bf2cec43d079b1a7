"""Which log lines a filter pattern matches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.aws.metric_filters.json_pattern import selected
from laptop.aws.metric_filters.pattern import compiled

DOCUMENT = {
    "level": "ERROR",
    "message": "bucket is gone",
    "seconds": 3.5,
    "retried": False,
    "cause": None,
    "sent": {"events": 12, "streams": ["clicks", "orders"]},
}


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR came", True),
        ("ERROR", "an error came", False),
        ("ERROR came", "came an ERROR", True),
        ("ERROR gone", "an ERROR came", False),
        ('"an ERROR"', "came an ERROR", True),
        ('"ERROR an"', "an ERROR", False),
        ("ERROR -retrying", "ERROR, retrying", False),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "fine", False),
    ],
)
def test_words_must_be_in_the_line(pattern: str, line: str, expected: bool) -> None:
    assert compiled(pattern)(line) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.level = "ERROR" }', True),
        ("{ $.level = ERROR }", True),
        ('{ $.level != "ERROR" }', False),
        ('{ $.message = "bucket*" }', True),
        ("{ $.level = * }", True),
        ("{ $.absent = * }", False),
        ("{ $.absent != 3 }", False),
        ("{ $.seconds > 3 }", True),
        ("{ $.seconds >= 4 }", False),
        ("{ $.level > 3 }", False),
        ("{ $.sent.events = 12 }", True),
        ('{ $.sent.streams[1] = "orders" }', True),
        ("{ $.retried IS FALSE }", True),
        ("{ $.cause IS NULL }", True),
        ("{ $.absent IS NULL }", False),
        ("{ $.absent NOT EXISTS }", True),
        ('{ $.level = "INFO" || $.seconds > 3 && $.retried IS FALSE }', True),
        ('{ ($.level = "INFO" || $.seconds > 3) && $.retried IS TRUE }', False),
        ('{ (($.level = "ERROR") && ($.seconds < 4)) }', True),
    ],
)
def test_fields_of_a_json_line_are_compared(pattern: str, expected: bool) -> None:
    assert compiled(pattern)(json.dumps(DOCUMENT)) is expected


@pytest.mark.parametrize("line", ["not JSON", "[1]", '"ERROR"'])
def test_a_line_that_is_no_json_object_matches_no_field(line: str) -> None:
    assert not compiled("{ $.level = * }")(line)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.level }",
        "{ $.level = }",
        '{ level = "ERROR" }',
        "{ $.a = 1 } x",
        "{ $.a IS MAYBE }",
        "[a, b]",
        "%x%",
    ],
)
def test_what_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="filter pattern"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("$.seconds", 3.5),
        ("$.sent.streams[0]", "clicks"),
        ("$.sent.streams[2]", None),
        ("$.level.deeper", None),
    ],
)
def test_a_field_is_found_by_its_path(field: str, value: Any) -> None:
    assert selected(DOCUMENT, field) == value
