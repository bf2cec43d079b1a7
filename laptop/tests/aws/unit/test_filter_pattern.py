"""Filter patterns and the log lines they match."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.aws.metric_filters.pattern import Pattern, selected

DOCUMENT = {
    "level": "ERROR",
    "message": "bucket is gone",
    "seconds": 3.5,
    "retried": False,
    "cause": None,
    "sent": {"events": 12, "streams": ["clicks", "orders"]},
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.level = "ERROR" }', True),
        ('{ $.level != "ERROR" }', False),
        ("{ $.absent != 3 }", False),
        ("{ $.seconds > 3 }", True),
        ("{ $.seconds >= 4 }", False),
        ("{ $.level > 3 }", False),
        ("{ $.retried = 0 }", False),
        ("{ $.sent.events = 12 }", True),
        ('{ ($.sent.events >= 0) && ($.level = "ERROR") && ($.seconds < 4) }', True),
        ('{ ($.sent.events >= 0) && ($.level = "INFO") }', False),
    ],
)
def test_fields_of_a_json_line_are_compared(pattern: str, expected: bool) -> None:
    assert Pattern(pattern)(json.dumps(DOCUMENT)) is expected


@pytest.mark.parametrize("line", ["not JSON", "[1]", '"ERROR"'])
def test_a_line_that_is_not_a_json_object_matches_no_field(line: str) -> None:
    assert not Pattern("{ $.level != 1 }")(line)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "ERROR",
        "{ $.level }",
        "{ $.level = }",
        "{ $.level = * }",
        '{ level = "ERROR" }',
        "{ $.a = 1 } x",
        '{ $.a = "b*" }',
        "{ $.a = 1 || $.b = 2 }",
        "{ $.a IS NULL }",
        "[a, b]",
    ],
)
def test_unsupported_syntax_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="filter pattern"):
        Pattern(pattern)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("$.seconds", 3.5),
        ("$.sent.events", 12),
        ("$.sent.nothing", None),
        ("$.level.deeper", None),
    ],
)
def test_a_field_is_found_by_its_path(field: str, value: Any) -> None:
    assert selected(DOCUMENT, field) == value
