"""Make MiniStack store alarms of every kind completely, and leave their evaluation to this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from laptop.aws.alarms import action_history
from laptop.aws.alarms.definition import Definition
from laptop.aws.cloudformation import Properties

_METRIC_MEMBERS = (
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "Unit",
    "Dimensions",
)

Record = dict[str, Any]
Handler = Callable[..., tuple[int, Any, Any]]


def install() -> None:
    """Switch MiniStack's evaluation off, and let alarms have `Metrics` instead of one metric's name."""
    action_history.install()
    cloudwatch._evaluate_alarm = lambda alarm: None
    cloudwatch._evaluate_all_alarms = lambda: None
    cloudwatch._put_metric_alarm = _checked_put(cloudwatch._put_metric_alarm)
    provisioners._cw_metric_alarm_record = _checked_record(provisioners._cw_metric_alarm_record)


def _checked_put(put: Handler) -> Handler:
    def checked(params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if not (is_cbor or is_json):
            return put(params, data, is_cbor, is_json)
        try:
            Definition.of(data)
        except (KeyError, ValueError) as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
        answer = put(params, data, is_cbor, is_json)
        if data.get("Metrics") and answer[0] < 400:
            name = data["AlarmName"]
            cloudwatch._alarms[name] = _with_metrics(cloudwatch._alarms[name], data["Metrics"])
        return answer

    return checked


def _checked_record(
    single_metric: Callable[[str, Properties], Record],
) -> Callable[[str, Properties], Record]:
    def record(name: str, properties: Properties) -> Record:
        metrics = properties.get("Metrics")
        if metrics:
            # The record of an alarm on one metric, with the expression in place of that metric.
            stand_in = {key: value for key, value in properties.items() if key != "Metrics"}
            alarm = single_metric(name, {**stand_in, "MetricName": "-", "Namespace": "-"})
            alarm = _with_metrics(alarm, _typed(metrics))
        else:
            alarm = single_metric(name, properties)
        Definition.of(alarm)
        return alarm

    return record


def _with_metrics(alarm: Record, metrics: list[Record]) -> Record:
    kept = {key: value for key, value in alarm.items() if key not in _METRIC_MEMBERS}
    return kept | {"Metrics": metrics}


def _typed(metrics: list[Record]) -> list[Record]:
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
