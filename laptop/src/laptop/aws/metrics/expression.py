"""Metric math: the functions that this pipeline's alarms and dashboards need; others are refused.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

from laptop.aws.metrics.statistics import Series

Operation = Callable[[float, float], float | None]

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|[<>]=?|==|!=|[-+*/()\[\],])")
# Loosest first.
_LEVELS = (("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/"))
_OPERATORS: dict[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda dividend, divisor: dividend / divisor if divisor else None,
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
}
_ACROSS: dict[str, Callable[[Sequence[float]], float]] = {"MAX": max, "MIN": min, "SUM": sum}

Value = float | Series | None
"""A number (None after a division by zero) or a series."""
Evaluate = Callable[[Mapping[str, Series]], Value]


class Expression:
    """One parsed expression.

    Args:
        text: the expression of a template.

    Raises:
        ValueError: it cannot be parsed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self._tokens = _tokens(text)
        self._evaluate = self._level(0)
        if self._tokens:
            raise self._unexpected(self._tokens[0])

    def __call__(self, series: Mapping[str, Series]) -> Series:
        """Evaluate the expression for the time series of its names.

        Raises:
            ValueError: the result is a number.
        """
        return self._series(self._evaluate(series))

    def _level(self, level: int) -> Evaluate:
        if level == len(_LEVELS):
            return self._operand()
        left = self._level(level + 1)
        while self._tokens and self._tokens[0] in _LEVELS[level]:
            left = _binary(_OPERATORS[self._tokens.pop(0)], left, self._level(level + 1))
        return left

    def _operand(self) -> Evaluate:
        word = self._next()
        if word == "(":
            inner = self._level(0)
            self._expect(")")
            return inner
        if word[0].isdigit():
            return lambda series: float(word)
        if word[0].islower():
            self.names.add(word)
            return lambda series: series[word]
        self._expect("(")
        if word == "FILL":
            return self._fill()
        if word == "IF":
            return self._if()
        if word not in _ACROSS:
            known = ", ".join(["FILL", "IF", *_ACROSS])
            raise ValueError(f"{word} in {self.text!r}: the laptop's CloudWatch supports {known}")
        return self._across(_ACROSS[word])

    def _across(self, function: Callable[[Sequence[float]], float]) -> Evaluate:
        """A function of several series, applied at each time to the existing values."""
        self._expect("[")
        members = [self._level(0)]
        while self._tokens[:1] == [","]:
            self._next()
            members.append(self._level(0))
        self._expect("]")
        self._expect(")")

        def evaluate(series: Mapping[str, Series]) -> Series:
            moments = zip(*(self._series(member(series)) for member in members), strict=True)
            present = ([value for value in moment if value is not None] for moment in moments)
            return tuple(float(function(values)) if values else None for values in present)

        return evaluate

    def _if(self) -> Evaluate:
        """A choice at each time; missing where its condition is."""
        condition = self._level(0)
        self._expect(",")
        then = self._level(0)
        self._expect(",")
        otherwise = self._level(0)
        self._expect(")")

        def evaluate(series: Mapping[str, Series]) -> Series:
            chosen = self._series(condition(series))
            sides = (_spread(side(series), len(chosen)) for side in (then, otherwise))
            moments = zip(chosen, *sides, strict=True)
            return tuple(None if true is None else yes if true else no for true, yes, no in moments)

        return evaluate

    def _fill(self) -> Evaluate:
        """Fill gaps, but not a series without any value: AWS does not document that it would."""
        gappy = self._level(0)
        self._expect(",")
        filler = float(self._next())
        self._expect(")")

        def evaluate(series: Mapping[str, Series]) -> Series:
            values = self._series(gappy(series))
            if all(value is None for value in values):
                return values
            return tuple(filler if value is None else value for value in values)

        return evaluate

    def _series(self, value: Value) -> Series:
        if not isinstance(value, tuple):
            raise ValueError(f"a number in expression {self.text!r} where a time series is needed")
        return value

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError(f"expression {self.text!r} ends too early")
        return self._tokens.pop(0)

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise self._unexpected(found)

    def _unexpected(self, token: str) -> ValueError:
        return ValueError(f"unexpected {token!r} in expression {self.text!r}")


def _tokens(text: str) -> list[str]:
    tokens = []
    position, text = 0, text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"{text[position:].strip()!r} cannot be parsed in expression {text!r}")
        tokens.append(found[1])
        position = found.end()
    return tokens


def _binary(operation: Operation, left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda series: _combined(operation, left(series), right(series))


def _combined(operation: Operation, left: Value, right: Value) -> Value:
    """Apply an operator. A value missing in one of two series counts as 0; if both lack it, so does the result."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        pairs = zip(left, right, strict=True)
        return tuple(
            None if one is None and other is None else operation(one or 0.0, other or 0.0)
            for one, other in pairs
        )
    if isinstance(left, tuple):
        return tuple(_of_numbers(operation, value, right) for value in left)
    if isinstance(right, tuple):
        return tuple(_of_numbers(operation, left, value) for value in right)
    return _of_numbers(operation, left, right)


def _spread(value: Value, count: int) -> Series:
    return value if isinstance(value, tuple) else (value,) * count


def _of_numbers(operation: Operation, left: Value, right: Value) -> float | None:
    if isinstance(left, float | int) and isinstance(right, float | int):
        return operation(left, right)
    return None
