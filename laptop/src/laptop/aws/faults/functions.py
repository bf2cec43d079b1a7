"""Functions that fail or time out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, get_args

from ministack.services import lambda_svc

from laptop.aws.faults.fault import FunctionFault, faults

logger = logging.getLogger("laptop.aws")

Execute = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def install() -> None:
    """Let executions suffer, before they are measured."""
    lambda_svc._execute_function = _suffering(lambda_svc._execute_function)


def _suffering(execute: Execute) -> Execute:
    def executed(function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        config = function.get("config") or function
        if lambda_svc._function_config_scope_mismatch(config):
            # It is called here again once the function's account and region are set.
            return execute(function, event)
        fault = faults.strike(config["FunctionName"], get_args(FunctionFault))
        if fault is None:
            return execute(function, event)
        logger.info("fault kind=%s function=%s", fault.kind, config["FunctionName"])
        if fault.kind == "function_fails":
            return _failed("Runtime.HandlerError", "fault on request")
        result = execute(function, event)
        return result if result.get("throttle") else _timed_out(config)

    return executed


def _timed_out(config: dict[str, Any]) -> dict[str, Any]:
    return _failed("Sandbox.Timedout", f"Task timed out after {config.get('Timeout', 3)}.00 seconds")


def _failed(kind: str, message: str) -> dict[str, Any]:
    body = {"errorType": kind, "errorMessage": message}
    return {"error": True, "function_error": "Unhandled", "body": body, "log": message}
