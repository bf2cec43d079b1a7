"""Reading a Data Stream with the delivery stream's role: while the role may not read, records wait there."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.services import firehose

from laptop.aws.firehose import role

logger = logging.getLogger("firehose")

_ACTIONS = ("kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")
_PAUSE_SECONDS = 1.0

Take = Callable[[dict[str, Any], list[bytes]], None]


@dataclass
class _Unread:
    """Records that a delivery stream has not read yet, oldest first, each part with its put time."""

    parts: deque[tuple[float, list[bytes]]] = field(default_factory=deque)
    tries_later: bool = False


class KinesisReader:
    """Reads the Data Streams in front of delivery streams."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._unread: dict[str, _Unread] = {}

    def read(self, stream: dict[str, Any], payloads: list[bytes], take: Take) -> None:
        """Pass new records of its Data Stream to `stream`, after those that still wait."""
        with self._lock:
            unread = self._unread.setdefault(stream["arn"], _Unread())
            unread.parts.append((time.time(), payloads))
            self._read_on(stream, take)

    def seconds_behind(self, stream_arn: str) -> float:
        """The age of the oldest record that the delivery stream has not read yet; 0 if it has read all."""
        with self._lock:
            unread = self._unread.get(stream_arn)
            return time.time() - unread.parts[0][0] if unread and unread.parts else 0.0

    def _read_on(self, stream: dict[str, Any], take: Take) -> None:
        unread = self._unread[stream["arn"]]
        source = stream["kinesis_source"]
        try:
            for action in _ACTIONS:
                role.require(source["RoleARN"], stream["arn"], action, source["KinesisStreamARN"])
        except role.RoleDeniedError as denied:
            logger.warning("Firehose %s: %s", stream["name"], denied)
            self._try_later(stream, take)
            return
        while unread.parts:
            _, payloads = unread.parts.popleft()
            take(stream, payloads)

    def _try_later(self, stream: dict[str, Any], take: Take) -> None:
        unread = self._unread[stream["arn"]]
        if unread.tries_later:
            return
        unread.tries_later = True
        # The account and region of the records' request.
        context = contextvars.copy_context()
        timer = threading.Timer(
            _PAUSE_SECONDS, context.run, (self._try_again, stream["name"], stream["arn"], take)
        )
        timer.daemon = True
        timer.start()

    def _try_again(self, name: str, arn: str, take: Take) -> None:
        with self._lock:
            self._unread[arn].tries_later = False
            stream = firehose._streams.get(name)
            if stream is None:
                del self._unread[arn]
            else:
                self._read_on(stream, take)
