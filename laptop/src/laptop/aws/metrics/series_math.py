"""Arithmetic over time series, with CloudWatch's rules for values that are missing.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence

from laptop.aws.metrics.statistics import Series

Number = float | None
Value = Number | Series | list[Series]
"""A scalar (None after a division by zero), a series, or several."""


def _divided(dividend: float, divisor: float) -> Number:
    return dividend / divisor if divisor else None


def _power(base: float, exponent: float) -> Number:
    try:
        result = base**exponent
    except (ZeroDivisionError, OverflowError):
        return None
    return result if isinstance(result, float | int) else None


OPERATORS: dict[str, Callable[[float, float], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": _power,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "AND": lambda left, right: bool(left and right),
    "OR": lambda left, right: bool(left or right),
}


def combined(sign: str, left: Value, right: Value) -> Value:
    """Two values and an operator.

    Where one of two series has no value, it counts as 0; where neither has, neither has the result.
    """
    if isinstance(left, list):
        return [_series(combined(sign, single, right)) for single in left]
    if isinstance(right, list):
        return [_series(combined(sign, left, single)) for single in right]
    operation = OPERATORS[sign]
    match left, right:
        case tuple(), tuple():
            return tuple(map(lambda a, b: _both(operation, a, b), left, right))
        case tuple(), _:
            return tuple(_applied(operation, value, right) for value in left)
        case _, tuple():
            return tuple(_applied(operation, left, value) for value in right)
        case _:
            return _applied(operation, left, right)


def each(function: Callable[[float], float], value: Value) -> Value:
    """A function of one value, applied to each."""
    if isinstance(value, list):
        return [_series(each(function, single)) for single in value]
    if isinstance(value, tuple):
        return tuple(None if single is None else float(function(single)) for single in value)
    return None if value is None else float(function(value))


def aggregated(function: Callable[[Sequence[float]], float], value: Value, *, missing_is_zero: bool) -> Value:
    """MAX, MIN, SUM or AVG: of one series a scalar over all of it, of several a series across them."""
    if isinstance(value, list):
        return tuple(_across(function, slot, missing_is_zero) for slot in zip(*value, strict=True))
    if isinstance(value, tuple):
        present = [single for single in value if single is not None]
        return float(function(present)) if present else None
    return value


def filled(value: Value, filler: Value | str) -> Value:
    """A series without gaps; `REPEAT` carries the last value on."""
    if isinstance(value, list):
        return [_series(filled(single, filler)) for single in value]
    if not isinstance(value, tuple):
        raise ValueError("FILL fills a time series, not a number")
    if filler == "REPEAT":
        return tuple(_repeated(value))
    if isinstance(filler, tuple):
        return tuple(own if own is not None else other for own, other in zip(value, filler, strict=True))
    if isinstance(filler, float | int):
        return tuple(filler if single is None else single for single in value)
    raise ValueError(f"FILL takes a number, a time series or REPEAT, not {filler!r}")


def chosen(condition: Value, yes: Value, no: Value | None, *, length: int) -> Series:
    """IF: at each moment the one or the other value; nothing where the condition is unknown or there is no other."""
    return tuple(
        None if test is None else (first if test else second)
        for test, first, second in zip(
            _slots(condition, length), _slots(yes, length), _slots(no, length), strict=True
        )
    )


def _slots(value: Value, length: int) -> Series:
    if isinstance(value, list):
        raise ValueError("IF takes single time series and numbers")
    return value if isinstance(value, tuple) else (value,) * length


def _both(operation: Callable[[float, float], Number], left: Number, right: Number) -> Number:
    if left is None and right is None:
        return None
    return _applied(operation, left or 0.0, right or 0.0)


def _applied(operation: Callable[[float, float], Number], left: Value, right: Value) -> Number:
    if not isinstance(left, float | int) or not isinstance(right, float | int):
        return None
    result = operation(left, right)
    return None if result is None or not math.isfinite(result) else float(result)


def _across(
    function: Callable[[Sequence[float]], float], slot: Sequence[Number], missing_is_zero: bool
) -> Number:
    present = [value for value in slot if value is not None]
    if not present:
        return None
    return float(function([value or 0.0 for value in slot] if missing_is_zero else present))


def _repeated(series: Series) -> Iterable[Number]:
    last = None
    for value in series:
        last = last if value is None else value
        yield last


def _series(value: Value) -> Series:
    if not isinstance(value, tuple):
        raise ValueError("an array holds time series only")
    return value
