"""A line in the emulator's log for every denied request, in place of CloudTrail."""

from __future__ import annotations

import logging
from typing import Any

from ministack.core import iam_evaluator

logger = logging.getLogger("iam")


def install() -> None:
    """Log each request that its caller's policies do not allow."""
    enforce = iam_evaluator.enforce

    def logged(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any
    ) -> Any:
        refusal = enforce(access_key, action, service, region, resource_arn, **more)
        if isinstance(refusal, iam_evaluator.EvalResult):
            caller, why = refusal.principal_arn, refusal.reason.lower()
            logger.warning("%s may not %s on %s: %s", caller, action, resource_arn, why)
        elif refusal is not None:
            logger.warning("%s on %s: %s: %s", action, resource_arn, refusal.code, refusal.message)
        return refusal

    iam_evaluator.enforce = logged
