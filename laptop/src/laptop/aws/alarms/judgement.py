"""The state of an alarm from its datapoints: M out of N breaching, and the treatment of missing data."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from laptop.aws.metrics.statistics import Series

# CloudWatch evaluates more datapoints than it needs, in case some are missing: 5 where it needs 3, in every example
# it documents. How many more "depends"; these two extra are those of the examples.
_SPARE_DATAPOINTS = 2


class State(StrEnum):
    """The state of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """The treatment of a missing datapoint."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


class Comparison(StrEnum):
    """The side of the threshold on which a datapoint breaches."""

    GREATER = "GreaterThanThreshold"
    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"


_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.GREATER: operator.gt,
    Comparison.GREATER_OR_EQUAL: operator.ge,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule of an alarm: ALARM when `datapoints_to_alarm` of `evaluation_periods` breach."""

    comparison: Comparison
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: Missing = Missing.MISSING

    @property
    def evaluation_range(self) -> int:
        """The number of datapoints that are evaluated."""
        return self.evaluation_periods + _SPARE_DATAPOINTS

    def breaches(self, value: float) -> bool:
        """True if a datapoint is on the wrong side of the threshold."""
        return _COMPARE[self.comparison](value, self.threshold)

    def judge(self, datapoints: Series, current: State) -> State:
        """The state for the evaluation range, oldest datapoint first.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        breaching = [self.breaches(value) for value in datapoints if value is not None]
        if len(breaching) >= self.evaluation_periods:
            return self._of(sum(breaching[-self.evaluation_periods :]))
        filled = self.evaluation_periods - len(breaching)
        match self.missing:
            case Missing.BREACHING:
                return self._of(sum(breaching) + filled)
            case Missing.NOT_BREACHING:
                return self._of(sum(breaching))
            case Missing.IGNORE:
                return self._judge_alone(breaching, otherwise=current)
            case Missing.MISSING:
                if not breaching:
                    return State.INSUFFICIENT_DATA
                old_enough = _age_of_oldest(datapoints) >= self.datapoints_to_alarm
                return self._judge_alone(breaching, otherwise=State.ALARM if old_enough else current)

    def _of(self, breaching: int) -> State:
        return State.ALARM if breaching >= self.datapoints_to_alarm else State.OK

    def _judge_alone(self, breaching: Sequence[bool], *, otherwise: State) -> State:
        """The state for too few datapoints, when missing ones are not filled in.

        While all existing datapoints breach but are too few, the state is `otherwise`: the next one decides. AWS
        calls this avoiding a premature transition.
        """
        if all(breaching) and sum(breaching) < self.datapoints_to_alarm:
            return otherwise
        return self._of(sum(breaching))


def _age_of_oldest(datapoints: Series) -> int:
    """The age of the oldest datapoint in periods; the newest period counts as the first."""
    return next(
        (len(datapoints) - index for index, value in enumerate(datapoints) if value is not None),
        0,
    )
