"""The history of alarms has their actions, too: whether a topic took the message.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, sns

_BY_STATE = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
Dispatch = Callable[[dict[str, Any], str, str, str], None]


def install() -> None:
    """Record every action that MiniStack takes."""
    cloudwatch._dispatch_alarm_actions = _recorded(cloudwatch._dispatch_alarm_actions)


def _recorded(dispatch: Dispatch) -> Dispatch:
    def dispatched(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        dispatch(alarm, old, new, reason)
        if alarm.get("ActionsEnabled", True):
            for arn in alarm.get(_BY_STATE[new]) or []:
                _record(alarm["AlarmName"], arn)

    return dispatched


def _record(alarm_name: str, arn: str) -> None:
    done = "Successfully executed action" if arn in sns._topics else "Failed to execute action"
    cloudwatch._record_history(alarm_name, "", "", "")
    entry = cloudwatch._history_entries()[-1]
    entry.update(HistoryItemType="Action", HistorySummary=f"{done} {arn}", HistoryData="{}")
