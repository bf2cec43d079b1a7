"""EventBridge rules with a schedule: on time, with a configurable minute, and without overlapping runs."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc

logger = logging.getLogger("laptop.aws")

# MiniStack checks every ten seconds, which turns a minute into seventy seconds.
_TICK_SECONDS = 0.5

_running: set[tuple[str, ...]] = set()
_lock = threading.Lock()
_waits: contextvars.ContextVar[bool] = contextvars.ContextVar("waits_for_the_function", default=False)


def install(*, minute_seconds: float) -> None:
    """Fire `rate(1 minute)` every `minute_seconds`, and run a function once at a time for each target."""
    eventbridge._SCHEDULER_TICK_INTERVAL = min(_TICK_SECONDS, minute_seconds / 2)
    eventbridge._parse_rate_seconds = _scaled(eventbridge._parse_rate_seconds, minute_seconds / 60)
    eventbridge._invoke_target = _one_at_a_time(eventbridge._invoke_target)
    eventbridge._dispatch_to_lambda = _waiting_if_asked(eventbridge._dispatch_to_lambda)


def _scaled(parse: Callable[[str], int | None], factor: float) -> Callable[[str], float | None]:
    def seconds(expression: str) -> float | None:
        interval = parse(expression)
        return None if interval is None else interval * factor

    return seconds


def _one_at_a_time(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoked(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        is_function = str(target.get("Arn")).startswith("arn:aws:lambda:")
        if event.get("DetailType") != "Scheduled Event" or not is_function:
            invoke(target, event, rule, view)
            return
        key = (get_account_id(), get_region(), str(rule.get("Arn")), str(target.get("Id")))
        with _lock:
            if key in _running:
                logger.info("rule %s: skipped, its last invocation still runs", rule.get("Name"))
                return
            _running.add(key)

        def run() -> None:
            _waits.set(True)
            try:
                invoke(target, event, rule, view)
            finally:
                with _lock:
                    _running.discard(key)

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), name="scheduled", daemon=True).start()

    return invoked


def _waiting_if_asked(dispatch: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Wait for a function's end if asked to: MiniStack only starts it, and a schedule must know when it has ended."""

    def dispatched(arn: str, payload: str) -> None:
        if not _waits.get():
            dispatch(arn, payload)
            return
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            logger.warning("schedule: there is no function %s", name)
            return
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc._execute_function_with_config_scope(record, json.loads(payload))

    return dispatched
