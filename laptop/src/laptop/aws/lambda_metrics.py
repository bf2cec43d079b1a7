"""AWS/Lambda metrics of every invocation; MiniStack publishes them only for invocations through its API.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, lambda_svc

Execute = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def install() -> None:
    """Publish where functions are executed, for every kind of invocation."""
    lambda_svc._emit_lambda_metrics = lambda *arguments, **named: None
    lambda_svc._execute_function = _measured(lambda_svc._execute_function)


def _measured(execute: Execute) -> Execute:
    def measured(function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        config = function.get("config") or function
        if lambda_svc._function_config_scope_mismatch(config):
            # It is called here again once the function's account and region are set.
            return execute(function, event)
        began = time.monotonic()
        result = execute(function, event)
        _publish(config["FunctionName"], result, (time.monotonic() - began) * 1000)
        return result

    return measured


def _publish(name: str, result: dict[str, Any], milliseconds: float) -> None:
    throttled, failed = bool(result.get("throttle")), bool(result.get("error"))
    counts = {"Throttles": int(throttled)}
    if not throttled:
        counts |= {"Invocations": 1, "Errors": int(failed)}
        cloudwatch.record_metric(
            "AWS/Lambda", "Duration", milliseconds, "Milliseconds", {"FunctionName": name}
        )
    for metric, count in counts.items():
        cloudwatch.record_metric("AWS/Lambda", metric, count, "Count", {"FunctionName": name})
