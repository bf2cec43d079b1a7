"""The alarms and their states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from pydantic import BaseModel

from laptop.page.documentation import Documentation

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import CompositeAlarmTypeDef, MetricAlarmTypeDef

# A description may end with a link: an address, or a page of the documentation.
_RUNBOOK = re.compile(r"\s*(?:Runbook:\s*)?(?P<link>https?://\S+|[\w./-]+\.md(?:#\S*)?)$", re.IGNORECASE)


class AlarmNow(BaseModel):
    """The current state of one alarm."""

    name: str
    short_name: str
    arn: str
    state: str
    reason: str
    since: float
    description: str
    runbook: str = ""


def read_alarms(cloudwatch: CloudWatchClient, documentation: Documentation) -> list[AlarmNow]:
    """All alarms, in the order of the runbook."""
    pages = list(
        cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    found = [_alarm(alarm) for page in pages for alarm in page["MetricAlarms"]]
    found += [_alarm(alarm) for page in pages for alarm in page["CompositeAlarms"]]
    return sorted(
        _with_short_names(found), key=lambda alarm: (documentation.position(alarm.runbook), alarm.name)
    )


def _alarm(alarm: MetricAlarmTypeDef | CompositeAlarmTypeDef) -> AlarmNow:
    description = alarm.get("AlarmDescription", "").strip()
    runbook = _RUNBOOK.search(description)
    return AlarmNow(
        name=alarm["AlarmName"],
        short_name=alarm["AlarmName"],
        arn=alarm["AlarmArn"],
        state=alarm["StateValue"],
        reason=alarm.get("StateReason", ""),
        since=alarm["StateUpdatedTimestamp"].timestamp(),
        description=description[: runbook.start()] if runbook else description,
        runbook=runbook["link"] if runbook else "",
    )


def _with_short_names(alarms: Sequence[AlarmNow]) -> list[AlarmNow]:
    """Drop the words that all names start with."""
    words = [alarm.name.split("-")[:-1] for alarm in alarms]
    shared = list(takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)))
    at = len(shared) if len(alarms) > 1 else 0
    return [alarm.model_copy(update={"short_name": "-".join(alarm.name.split("-")[at:])}) for alarm in alarms]
