"""GetMetricData with metric math, which MiniStack refuses, and exact dimensions, which it ignores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from laptop.aws.metrics import store
from laptop.aws.metrics.queries import Queries
from laptop.aws.metrics.windows import Windows

Handler = Callable[..., Any]


def install() -> None:
    """Answer GetMetricData from here."""
    cloudwatch._get_metric_data = _in_place_of(cloudwatch._get_metric_data)


def _in_place_of(original: Handler) -> Handler:
    def get_metric_data(
        params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
    ) -> Any:
        if not (is_cbor or is_json):
            # The old protocol, which current SDKs do not use for CloudWatch.
            return original(params, data, is_cbor, is_json)
        try:
            results = _results(data)
        except (KeyError, ValueError) as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
        if is_cbor:
            return cloudwatch._cbor_ok(
                {"MetricDataResults": [cloudwatch._cbor_metric_data_result(r) for r in results]}
            )
        return cloudwatch._json_ok({"MetricDataResults": results})

    return get_metric_data


def _results(request: dict[str, Any]) -> list[dict[str, Any]]:
    asked = request["MetricDataQueries"]
    queries = Queries.of(asked)
    start, end = cloudwatch._parse_ts(request["StartTime"]), cloudwatch._parse_ts(request["EndTime"])
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    labels = {query["Id"]: query.get("Label") or _default_label(query) for query in asked}
    results = []
    for wanted in queries.returned:
        windows = Windows.between(start, end, period=queries.period(wanted))
        values = queries.series(wanted, windows, store.samples)
        found = [(at, value) for at, value in zip(windows.starts(), values, strict=True) if value is not None]
        found.sort(reverse=newest_first)
        results.append(
            {
                "Id": wanted,
                "Label": labels[wanted],
                "StatusCode": "Complete",
                "Timestamps": [cloudwatch._ts_iso(at) for at, _ in found],
                "Values": [value for _, value in found],
            }
        )
    return results


def _default_label(query: dict[str, Any]) -> str:
    return str(query["Id"] if query.get("Expression") else query["MetricStat"]["Metric"]["MetricName"])
