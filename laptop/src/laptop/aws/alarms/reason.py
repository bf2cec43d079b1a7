"""The reason for a change of state, worded like CloudWatch's; part of the notification."""

from __future__ import annotations

import datetime as dt

from laptop.aws.alarms.judgement import Missing, Rule, State
from laptop.aws.metrics.statistics import Series
from laptop.aws.metrics.windows import Windows

_TREATED_AS = {Missing.BREACHING: "Breaching", Missing.NOT_BREACHING: "NonBreaching"}


def reason(rule: Rule, windows: Windows, datapoints: Series, state: State) -> str:
    """The datapoints that counted, the threshold, and the treatment of missing ones."""
    present = [
        (at, value) for at, value in zip(windows.starts(), datapoints, strict=True) if value is not None
    ][-rule.evaluation_periods :]
    missing = rule.evaluation_periods - len(present)
    if state is State.INSUFFICIENT_DATA:
        return f"Insufficient Data: {missing} datapoints were unknown."
    sentences = []
    if present:
        shown = ", ".join(f"{value:g} ({_clock(at)})" for at, value in reversed(present))
        breaching = sum(rule.breaches(value) for _, value in present)
        sentences.append(
            f"{breaching} out of the last {len(present)} datapoints [{shown}] breached {rule.comparison} "
            f"{rule.threshold:g} (minimum {rule.datapoints_to_alarm} for ALARM)"
        )
    if missing and rule.missing in _TREATED_AS:
        sentences.append(f"{missing} missing datapoints were treated as [{_TREATED_AS[rule.missing]}]")
    return f"Threshold Crossed: {' and '.join(sentences)}."


def _clock(timestamp: float) -> str:
    return dt.datetime.fromtimestamp(timestamp, dt.UTC).strftime("%d/%m/%y %H:%M:%S")
