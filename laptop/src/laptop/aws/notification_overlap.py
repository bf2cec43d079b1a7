"""Notifications that overlap, which S3 refuses: two receivers of the same event for the same key.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ministack.services import s3

Configuration = Mapping[str, Any]
_validate = s3._validate_notification_configs


def install() -> None:
    """Refuse overlapping configurations; MiniStack announces to both receivers."""
    s3._validate_notification_configs = _validated


def _validated(configurations: Sequence[Configuration], *more: Any) -> Any:
    if any(_overlap(one, other) for one, other in combinations(configurations, 2)):
        return s3._invalid_notification_config(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type."
        )
    return _validate(configurations, *more)


def _overlap(one: Configuration, other: Configuration) -> bool:
    begins = sorted((one.get("filter_prefix") or "", other.get("filter_prefix") or ""), key=len)
    ends = sorted((one.get("filter_suffix") or "", other.get("filter_suffix") or ""), key=len)
    same_keys = begins[1].startswith(begins[0]) and ends[1].endswith(ends[0])
    return same_keys and any(_same(a, b) for a in one["events"] for b in other["events"])


def _same(one: str, other: str) -> bool:
    """True if two types of event have one in common, such as ObjectCreated:* and ObjectCreated:Put."""
    general, special = sorted((one, other), key=lambda event: not event.endswith("*"))
    return general == special or (general.endswith("*") and special.startswith(general[:-1]))
