"""The account's limit of concurrent executions of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

from laptop.aws.throttling.quotas import switch

Acquire = Callable[[dict[str, Any], dict[str, Any]], Any]


def install() -> None:
    """Throttle invocations above the enforced limit, not only above this machine's."""
    lambda_svc._acquire_execution_slot = _limited(lambda_svc._acquire_execution_slot)


def _limited(acquire: Acquire) -> Acquire:
    of_this_machine = lambda_svc._ACCOUNT_CONCURRENCY_CAP

    def limited(function: dict[str, Any], config: dict[str, Any]) -> Any:
        quota = switch.enforced.lambda_account
        lambda_svc._ACCOUNT_CONCURRENCY_CAP = quota.concurrent_executions if quota else of_this_machine
        return acquire(function, config)

    return limited
