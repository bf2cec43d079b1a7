"""M out of N datapoints, with missing ones: the tables of CloudWatch's documentation, and derived properties.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.alarms.judgement import Comparison, Missing, Rule, State
from laptop.aws.metrics.statistics import Series

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
KEPT = None
VALUES = {"0": 0.0, "X": 9.0, "-": None}


def series(text: str) -> Series:
    return tuple(VALUES[letter] for letter in text.replace(" ", ""))


def rule(missing: Missing = Missing.MISSING, *, datapoints: int = 3, periods: int = 3) -> Rule:
    return Rule(
        comparison=Comparison.GREATER,
        threshold=5,
        evaluation_periods=periods,
        datapoints_to_alarm=datapoints,
        missing=missing,
    )


# The datapoints, then the state with missing ones treated as MISSING, IGNORE, BREACHING and NOT_BREACHING.
THREE_OF_THREE = [
    ("0 - X - X", OK, OK, OK, OK),
    ("0 - - - -", OK, OK, OK, OK),
    ("- - - - -", INSUFFICIENT, KEPT, ALARM, OK),
    ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", ALARM, KEPT, ALARM, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", OK, OK, ALARM, OK),
    ("- - - - 0", OK, OK, ALARM, OK),
    ("- - - X -", ALARM, KEPT, ALARM, OK),
]
ORDER = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)
DOCUMENTED = [
    (datapoints, text, missing, state)
    for datapoints, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for text, *states in table
    for missing, state in zip(ORDER, states, strict=True)
]


@pytest.mark.parametrize(("datapoints", "text", "missing", "expected"), DOCUMENTED)
@pytest.mark.parametrize("current", list(State))
def test_the_documented_tables_hold(
    datapoints: int, text: str, missing: Missing, expected: State | None, current: State
) -> None:
    judged = rule(missing, datapoints=datapoints).judge(series(text), current)
    assert judged is (current if expected is KEPT else expected)


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -"])
@pytest.mark.parametrize("current", list(State))
def test_the_first_breaching_datapoint_does_not_trigger_an_alarm(text: str, current: State) -> None:
    assert rule(Missing.MISSING).judge(series(text), current) is current


def test_the_evaluation_range_is_wider_than_the_evaluation_periods() -> None:
    assert rule(periods=3).evaluation_range == 5


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        (Comparison.GREATER, [6.0]),
        (Comparison.GREATER_OR_EQUAL, [5.0, 6.0]),
        (Comparison.LESS, [4.0]),
        (Comparison.LESS_OR_EQUAL, [4.0, 5.0]),
    ],
)
def test_a_threshold_itself_breaches_only_with_or_equal(
    comparison: Comparison, breaching: list[float]
) -> None:
    judge = Rule(comparison=comparison, threshold=5, evaluation_periods=1, datapoints_to_alarm=1)
    assert [value for value in (4.0, 5.0, 6.0) if judge.breaches(value)] == breaching


DATAPOINTS = st.lists(st.sampled_from([0.0, 9.0, None]), min_size=1, max_size=12).map(tuple)
RULES = st.builds(
    lambda missing, periods, datapoints: rule(missing, periods=periods, datapoints=min(datapoints, periods)),
    st.sampled_from(Missing),
    st.integers(1, 6),
    st.integers(1, 6),
)


@given(judge=RULES, datapoints=DATAPOINTS, current=st.sampled_from(State))
def test_without_missing_datapoints_only_the_newest_count(
    judge: Rule, datapoints: Series, current: State
) -> None:
    complete = tuple(0.0 if value is None else value for value in datapoints)
    newest = complete[-judge.evaluation_periods :]
    if len(newest) == judge.evaluation_periods:
        breaching = sum(value > 5 for value in newest) >= judge.datapoints_to_alarm
        assert judge.judge(complete, current) is (ALARM if breaching else OK)


@given(judge=RULES, data=st.data(), current=st.sampled_from(State))
def test_an_alarm_stays_in_alarm_when_missing_data_turns_out_breaching(
    judge: Rule, data: st.DataObject, current: State
) -> None:
    length = judge.evaluation_periods
    datapoints = data.draw(st.tuples(*[st.sampled_from([0.0, 9.0, None])] * length))
    arrived = tuple(9.0 if value is None else value for value in datapoints)
    if judge.judge(datapoints, current) is ALARM and current is not ALARM:
        assert judge.judge(arrived, current) is ALARM


@given(judge=RULES, datapoints=DATAPOINTS, current=st.sampled_from(State))
def test_only_the_default_treatment_gives_insufficient_data(
    judge: Rule, datapoints: Series, current: State
) -> None:
    judged = judge.judge(datapoints, current)
    if judged is INSUFFICIENT and current is not INSUFFICIENT:
        assert judge.missing is Missing.MISSING
        assert set(datapoints) == {None}
    if judge.missing in (Missing.BREACHING, Missing.NOT_BREACHING):
        assert judged is not INSUFFICIENT


@given(datapoints=DATAPOINTS, periods=st.integers(1, 6), count=st.integers(1, 6))
def test_breaching_is_the_strictest_treatment_and_not_breaching_the_most_lenient(
    datapoints: Series, periods: int, count: int
) -> None:
    states = [
        rule(missing, periods=periods, datapoints=min(count, periods)).judge(datapoints, OK) is ALARM
        for missing in (Missing.NOT_BREACHING, Missing.IGNORE, Missing.MISSING, Missing.BREACHING)
    ]
    assert states == sorted(states)
