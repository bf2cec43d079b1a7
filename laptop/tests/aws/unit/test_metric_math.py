"""Metric math: arithmetic over series with missing values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.metrics.expression import Expression
from laptop.aws.metrics.statistics import Series

M1 = (30.0, 20.0, 0.0, 0.0)
M2 = (20.0, None, 20.0, None)


def result(text: str, series: Mapping[str, Series] | None = None) -> Series:
    return Expression(text)(series or {"m1": M1, "m2": M2, "nothing": (None,) * 4})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
        ("m1 + m2", (50, 20, 20, 0)),
        ("2 + 3 * m1", (92, 62, 2, 2)),
        ("(2 + 3) * m1", (150, 100, 0, 0)),
        ("100 - m1 - 1", (69, 79, 99, 99)),
        ("100 * m2 / m1", (200 / 3, 0, None, None)),
        ("m2 * 2", (40, None, 40, None)),
        ("m1 / 0", (None, None, None, None)),
        ("m1 * (1 / 0)", (None, None, None, None)),
        ("MAX([m1, m2])", (30, 20, 20, 0)),
        ("MIN([m1, m2, 5 * m1])", (20, 20, 0, 0)),
        ("SUM([m1, m2])", (50, 20, 20, 0)),
        ("FILL(m2, 7)", (20, 7, 20, 7)),
        ("FILL(nothing, 7)", (None, None, None, None)),
        ("m1 >= 20", (1, 1, 0, 0)),
        ("m2 < 1 + 20", (1, None, 1, None)),
        ("m1 == m2", (0, 0, 0, 1)),
        ("IF(m2 > 0, m1 - m2, 5)", (10, None, -20, None)),
        ("IF(FILL(m2, 0) > 0, 1, m1)", (1, 20, 1, 0)),
        ("FILL(m1, 0) - (FILL(m2, 0) - 2.5)", (12.5, 22.5, -17.5, 2.5)),
        ("MAX([m1/300/2, m2/300/3]) * 100", (5, 10 / 3, 20 / 9, 0)),
    ],
)
def test_expressions_give_the_documented_results(text: str, expected: Series) -> None:
    assert result(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "m1 +",
        "m1 m2",
        "(m1",
        "m1 ? 2",
        "RATE(m1)",
        "SEARCH('x')",
        "MAX(m1, m2)",
        "FILL(m1, REPEAT)",
        "m1 => 3",
        "IF(m1, 2)",
        "",
        "M1",
    ],
)
def test_unsupported_syntax_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expression|supports|parsed|float"):
        Expression(text)


@pytest.mark.parametrize("text", ["1 + 2", "MAX([m1, 2])", "FILL(1, 2)"])
def test_the_result_must_be_one_series(text: str) -> None:
    with pytest.raises(ValueError, match="a time series is needed"):
        result(text)


def test_an_expression_lists_the_ids_it_uses() -> None:
    assert Expression("MAX([a, b_2]) / FILL(c, 0)").names == {"a", "b_2", "c"}


NUMBERS = st.none() | st.floats(-1e6, 1e6)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=10)


@given(pairs=PAIRS, sign=st.sampled_from(["+", "-", "*", "/"]))
def test_a_result_is_missing_only_without_values_or_after_a_division_by_zero(
    pairs: list[tuple[float | None, float | None]], sign: str
) -> None:
    left, right = (tuple(side) for side in zip(*pairs, strict=True))
    found = result(f"a {sign} b", {"a": left, "b": right})
    for one, other, value in zip(left, right, found, strict=True):
        unknown = one is None and other is None
        if unknown or (sign == "/" and not other):
            assert value is None
        elif sign != "/":
            assert value is not None


@given(pairs=PAIRS)
def test_fill_leaves_no_gap_and_changes_no_existing_value(
    pairs: list[tuple[float | None, float | None]],
) -> None:
    series = tuple(one for one, _ in pairs)
    filled = result("FILL(a, 0)", {"a": (*series, 1.0)})[:-1]
    assert filled == tuple(0 if value is None else value for value in series)
