"""Metric math: the part of CloudWatch's language that alarms and dashboards here need; the rest is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from laptop.aws.metrics.series_math import Value, aggregated, chosen, combined, each, filled
from laptop.aws.metrics.statistics import Series

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^()\[\],<>]))"
)
_SAME = {"&&": "AND", "||": "OR"}
# Loosest first.
_LEVELS = (("OR",), ("AND",), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/"), ("^",))


@dataclass(frozen=True)
class Scope:
    """What an expression is evaluated over: the series of each id, oldest value first, and their period."""

    series: Mapping[str, Series]
    metrics: Sequence[str]
    period: int
    length: int


Evaluate = Callable[[Scope], Value]


class Expression:
    """One parsed expression.

    Args:
        text: as in a template.

    Raises:
        ValueError: it is not understood.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self.asks_for_all_metrics = False
        self._tokens = _tokens(text)
        self._evaluate = self._level(0)
        if self._tokens:
            raise self._unexpected(self._tokens[0])

    def __call__(self, scope: Scope) -> Series:
        """Its time series.

        Raises:
            ValueError: it is a number, or several series.
        """
        result = self._evaluate(scope)
        if not isinstance(result, tuple):
            raise ValueError(f"expression {self.text!r} must give one time series")
        return result

    def _level(self, level: int) -> Evaluate:
        if level == len(_LEVELS):
            return self._operand()
        left = self._level(level + 1)
        while self._tokens and self._tokens[0] in _LEVELS[level]:
            left = _binary(self._tokens.pop(0), left, self._level(level + 1))
        return left

    def _operand(self) -> Evaluate:
        word = self._next()
        if word == "-":
            return _binary("-", lambda scope: 0.0, self._operand())
        if word == "(":
            inner = self._level(0)
            self._expect(")")
            return inner
        if word == "[":
            members = self._arguments("]")
            return lambda scope: [_single(member(scope)) for member in members]
        if word[0].isdigit():
            return lambda scope: float(word)
        if word[0].islower():
            self.names.add(word)
            return lambda scope: scope.series[word]
        if self._tokens and self._tokens[0] == "(":
            return self._function(word)
        raise self._unexpected(word)

    def _function(self, name: str) -> Evaluate:
        self._expect("(")
        if name == "METRICS":
            self._expect(")")
            self.asks_for_all_metrics = True
            return lambda scope: [scope.series[metric] for metric in scope.metrics]
        if name == "FILL":
            return self._fill()
        arguments = self._arguments(")")
        if name == "IF" and len(arguments) in (2, 3):
            return _if(*arguments)
        if name not in _FUNCTIONS or len(arguments) != 1:
            known = ", ".join(sorted([*_FUNCTIONS, "FILL", "IF", "METRICS"]))
            raise ValueError(
                f"{name} with {len(arguments)} argument(s) in {self.text!r}: the laptop's CloudWatch knows {known}"
            )
        function, argument = _FUNCTIONS[name], arguments[0]
        return lambda scope: function(argument(scope), scope)

    def _fill(self) -> Evaluate:
        series = self._level(0)
        self._expect(",")
        if self._tokens and self._tokens[0] == "REPEAT":
            self._next()
            self._expect(")")
            return lambda scope: filled(series(scope), "REPEAT")
        filler = self._level(0)
        self._expect(")")
        return lambda scope: filled(series(scope), filler(scope))

    def _arguments(self, end: str) -> list[Evaluate]:
        arguments = [self._level(0)]
        while self._next_is(","):
            arguments.append(self._level(0))
        self._expect(end)
        return arguments

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError(f"expression {self.text!r} ends too early")
        return self._tokens.pop(0)

    def _next_is(self, token: str) -> bool:
        found = bool(self._tokens) and self._tokens[0] == token
        if found:
            self._tokens.pop(0)
        return found

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise self._unexpected(found)

    def _unexpected(self, token: str) -> ValueError:
        return ValueError(f"{token!r} is not understood there in expression {self.text!r}")


_FUNCTIONS: dict[str, Callable[[Value, Scope], Value]] = {
    "ABS": lambda value, scope: each(abs, value),
    "AVG": lambda value, scope: aggregated(fmean, value, missing_is_zero=True),
    "CEIL": lambda value, scope: each(math.ceil, value),
    "FLOOR": lambda value, scope: each(math.floor, value),
    "MAX": lambda value, scope: aggregated(max, value, missing_is_zero=False),
    "MIN": lambda value, scope: aggregated(min, value, missing_is_zero=False),
    "PERIOD": lambda value, scope: float(scope.period),
    "SUM": lambda value, scope: aggregated(sum, value, missing_is_zero=False),
}


def _tokens(text: str) -> list[str]:
    tokens = []
    position, text = 0, text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"{text[position:].strip()!r} is not understood in expression {text!r}")
        token = found[found.lastgroup or 0]
        tokens.append(_SAME.get(token, token))
        position = found.end()
    return tokens


def _binary(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda scope: combined(sign, left(scope), right(scope))


def _if(condition: Evaluate, yes: Evaluate, no: Evaluate | None = None) -> Evaluate:
    return lambda scope: chosen(condition(scope), yes(scope), no(scope) if no else None, length=scope.length)


def _single(value: Value) -> Series:
    if not isinstance(value, tuple):
        raise ValueError("an array holds single time series")
    return value
