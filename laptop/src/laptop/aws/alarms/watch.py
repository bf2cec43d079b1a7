"""The evaluation of every alarm in MiniStack, in place of MiniStack's own."""

from __future__ import annotations

import logging
import time
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from laptop.aws.alarms.definition import Definition
from laptop.aws.alarms.judgement import State
from laptop.aws.alarms.reason import reason
from laptop.aws.metrics import store

logger = logging.getLogger("laptop.aws")

# Alarms that could not be evaluated the last time: log each only once.
_failing: set[str] = set()


def evaluate_all(now: float) -> None:
    """Set every alarm of every account and region to the state that its metrics give."""
    for (account, region, name), record in cloudwatch._alarms.all_items():
        with request_scope(account, region):
            try:
                _evaluate(name, record, now)
                _failing.discard(record["AlarmArn"])
            except Exception:
                if record["AlarmArn"] not in _failing:
                    logger.exception("alarm %s could not be evaluated", name)
                _failing.add(record["AlarmArn"])


def _evaluate(name: str, record: dict[str, Any], now: float) -> None:
    definition = Definition.of(record)
    windows = definition.windows(now)
    datapoints = definition.datapoints(windows, store.samples)
    old = State(record["StateValue"])
    new = definition.rule.judge(datapoints, old)
    # An alarm that was just deleted or changed is evaluated next time.
    if new is not old and cloudwatch._alarms.get(name) is record:
        _move(record, old, new, reason(definition.rule, windows, datapoints, new))


def _move(record: dict[str, Any], old: State, new: State, why: str) -> None:
    """Change an alarm's state, and pass it on to history, topics and composite alarms."""
    at = int(time.time())
    record.update(
        StateValue=new.value, StateReason=why, StateUpdatedTimestamp=at, StateTransitionedTimestamp=at
    )
    cloudwatch._record_history(record["AlarmName"], old.value, new.value, why)
    cloudwatch._dispatch_alarm_actions(record, old.value, new.value, why)
    cloudwatch._evaluate_parent_alarms(record)
