"""Composite alarms, and alarms over metric math: the kinds MiniStack's CloudFormation refuses.

A metric-math alarm is kept and described as it was written; like every alarm on metrics the emulator does
not produce, it stays in INSUFFICIENT_DATA until `SetAlarmState` moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local.aws.cloudformation import Attributes, Properties, require_success

_METRIC_MEMBERS = (
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "Unit",
    "Dimensions",
)


class CompositeAlarm:
    """An alarm whose state follows from a rule over other alarms."""

    type_name = "AWS::CloudWatch::CompositeAlarm"
    replaced_by = ("AlarmName",)

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Make the alarm; Ref is its name."""
        name = properties.get("AlarmName") or generated_name
        return name, self._put(name, properties)

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Rewrite its rule and actions; its state stays."""
        return self._put(physical_id, new)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove the alarm."""
        require_success(
            cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True),
            f"deleting composite alarm {physical_id}",
        )

    def _put(self, name: str, properties: Properties) -> Attributes:
        request = {**properties, "AlarmName": name}
        request["ActionsEnabled"] = str(properties.get("ActionsEnabled", True)).lower() == "true"
        response = cloudwatch._put_composite_alarm({}, request, False, True)
        require_success(response, f"composite alarm {name}")
        return {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def allow_metric_math() -> None:
    """Let AWS::CloudWatch::Alarm carry `Metrics` instead of one metric's name."""
    single_metric = provisioners._cw_metric_alarm_record
    provisioners._cw_metric_alarm_record = _with_metric_math(single_metric)


def _with_metric_math(
    single_metric: Callable[[str, Properties], dict[str, Any]],
) -> Callable[[str, Properties], dict[str, Any]]:
    def record(name: str, properties: Properties) -> dict[str, Any]:
        metrics = properties.get("Metrics")
        if not metrics:
            return single_metric(name, properties)
        # The record of an alarm on one metric, then with the expression in the place of that metric.
        stand_in = {key: value for key, value in properties.items() if key != "Metrics"}
        alarm = single_metric(name, {**stand_in, "MetricName": "-", "Namespace": "-"})
        kept = {key: value for key, value in alarm.items() if key not in _METRIC_MEMBERS}
        return kept | {"Metrics": _typed(metrics)}

    return record


def _typed(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The queries with numbers and truth values as the API returns them: templates may hold strings."""
    typed = []
    for query in metrics:
        query = dict(query)
        if "ReturnData" in query:
            query["ReturnData"] = str(query["ReturnData"]).lower() == "true"
        if "Period" in query:
            query["Period"] = int(query["Period"])
        if "MetricStat" in query:
            query["MetricStat"] = query["MetricStat"] | {"Period": int(query["MetricStat"]["Period"])}
        typed.append(query)
    return typed
