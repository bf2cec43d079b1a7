"""Notifications to queues that are lost, doubled or late.

S3 promises to deliver each at least once, usually within seconds, "but can sometimes take a minute or longer", and does
not promise their order; a queue may deliver twice, too. Lost ones are of a changed or replaced configuration.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import unquote_plus

from ministack.services import s3

from laptop.aws.faults.fault import NotificationFault, faults

logger = logging.getLogger("laptop.aws")


def install() -> None:
    """Let notifications suffer; MiniStack delivers each in a thread that may wait."""
    s3._deliver_event_to_sqs = _suffering(s3._deliver_event_to_sqs)


def _suffering(deliver: Callable[..., None]) -> Callable[..., None]:
    def delivered(queue: str, event: dict[str, Any], *more: Any, **named: Any) -> None:
        # S3's test message has no records. In others the key is encoded as in a URL.
        keys = [unquote_plus(record["s3"]["object"]["key"]) for record in event.get("Records", [])]
        fault = faults.strike(keys[0], get_args(NotificationFault)) if keys else None
        if fault is None:
            deliver(queue, event, *more, **named)
            return
        logger.info("fault kind=%s key=%s", fault.kind, keys[0])
        if fault.kind == "notification_lost":
            return
        if fault.kind == "notification_doubled":
            deliver(queue, event, *more, **named)
        faults.hold(fault.seconds)
        deliver(queue, event, *more, **named)

    return delivered
