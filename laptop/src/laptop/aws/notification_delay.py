"""Notifications of a bucket, which follow a changed configuration only after a while, as S3's do.

"After you create or change the bucket notification configuration, it usually takes about five minutes for the changes
to take effect": https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html.
When within that time is not documented. So a new entry announces nothing until it is over, and a removed one nothing
from the beginning; unchanged entries announce all the time.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from ministack.core.responses import AccountScopedDict
from ministack.services import s3

_announces: contextvars.ContextVar[bool] = contextvars.ContextVar("announces_an_object", default=False)


def install(*, seconds: float) -> None:
    """Let changed configurations take effect after `seconds`."""
    configurations = s3._bucket_notifications = _Configurations(seconds)
    s3._put_bucket_notification = _noting_changes(s3._put_bucket_notification, configurations)
    s3._fire_s3_event = _announcing(s3._fire_s3_event)


class _Configurations(AccountScopedDict):  # type: ignore[misc]  # no types in MiniStack
    """The buckets' configurations; for an announcement, only the entries that are in effect."""

    __slots__ = ("_in_effect", "_seconds")

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._in_effect = AccountScopedDict()

    def get(self, bucket: str, default: Any = None) -> Any:
        text = super().get(bucket, default)
        if not text or not _announces.get():
            return text
        root, since = ElementTree.fromstring(text), self._in_effect.get(bucket, {})  # noqa: S314 - MiniStack's own
        for entry in list(root):
            if since.get(_content(entry), 0.0) > time.monotonic():
                root.remove(entry)
        return ElementTree.tostring(root, encoding="unicode")

    def changed(self, bucket: str) -> None:
        """Note a configuration that was put just now."""
        since = self._in_effect.get(bucket, {})
        later = time.monotonic() + self._seconds
        root = ElementTree.fromstring(self[bucket])  # noqa: S314 - MiniStack's own
        self._in_effect[bucket] = {content: since.get(content, later) for content in map(_content, root)}


def _content(entry: ElementTree.Element) -> str:
    """An entry without its id, which a client may choose at random."""
    return "".join(
        ElementTree.tostring(part, encoding="unicode") for part in entry if not part.tag.endswith("}Id")
    )


def _noting_changes(put: Callable[..., Any], configurations: _Configurations) -> Callable[..., Any]:
    def put_configuration(bucket: str, *arguments: Any) -> Any:
        answer = put(bucket, *arguments)
        if answer[0] == 200:
            configurations.changed(bucket)
        return answer

    return put_configuration


def _announcing(fire: Callable[..., None]) -> Callable[..., None]:
    def fire_event(*arguments: Any, **more: Any) -> None:
        token = _announces.set(True)
        try:
            fire(*arguments, **more)
        finally:
            _announces.reset(token)

    return fire_event
