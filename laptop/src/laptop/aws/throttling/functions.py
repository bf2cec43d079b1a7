"""The account's limit of concurrent executions of functions.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from laptop.aws.throttling.quotas import switch

_USUAL_CONCURRENCY = 1000
_UNRESERVED = 100

Acquire = Callable[[dict[str, Any], dict[str, Any]], Any]


def install() -> None:
    """Throttle invocations above the enforced limit, not only above this machine's."""
    lambda_svc._acquire_execution_slot = _limited(lambda_svc._acquire_execution_slot)
    lambda_svc._put_function_concurrency = _within_account(lambda_svc._put_function_concurrency)


def _limited(acquire: Acquire) -> Acquire:
    of_this_machine = lambda_svc._ACCOUNT_CONCURRENCY_CAP

    def limited(function: dict[str, Any], config: dict[str, Any]) -> Any:
        quota = switch.enforced.lambda_account
        lambda_svc._ACCOUNT_CONCURRENCY_CAP = quota.concurrent_executions if quota else of_this_machine
        return acquire(function, config)

    return limited


def _within_account(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_concurrency(name: str, data: dict[str, Any]) -> Any:
        quota = switch.enforced.lambda_account
        total = quota.concurrent_executions if quota else _USUAL_CONCURRENCY
        others = [
            other.get("concurrency") or 0 for key, other in lambda_svc._functions.items() if key != name
        ]
        if total - sum(others) - int(data.get("ReservedConcurrentExecutions", 0)) < _UNRESERVED:
            text = (
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{_UNRESERVED}]."
            )
            return error_response_json("InvalidParameterValueException", text, 400)
        return put(name, data)

    return put_concurrency
