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
# MiniStack's own limit, which depends on the memory of this machine.
_OF_THIS_MACHINE = lambda_svc._ACCOUNT_CONCURRENCY_CAP


def install() -> None:
    """Throttle invocations above the enforced limit, not only above this machine's, and tell it."""
    lambda_svc._acquire_execution_slot = _limited(lambda_svc._acquire_execution_slot)
    lambda_svc._put_function_concurrency = _within_account(lambda_svc._put_function_concurrency)
    lambda_svc._get_account_settings = _limited(lambda_svc._get_account_settings)


def _limited(call: Callable[..., Any]) -> Callable[..., Any]:
    def limited(*arguments: Any) -> Any:
        quota = switch.enforced.lambda_account
        lambda_svc._ACCOUNT_CONCURRENCY_CAP = quota.concurrent_executions if quota else _OF_THIS_MACHINE
        return call(*arguments)

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
