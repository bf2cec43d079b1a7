"""The two loops behind auto-ingest: one listens to the queue, one loads."""

from __future__ import annotations

import logging
import threading
import time

from laptop.snowflake.pipes import Pipes
from laptop.snowflake.queue import NotificationQueue, QueueUnavailableError

logger = logging.getLogger(__name__)
_LONGEST_NAP = 5.0


class AutoIngest:
    """Runs while the server runs. A message is deleted only after its files are stored."""

    def __init__(self, queue: NotificationQueue, pipes: Pipes) -> None:
        self._queue = queue
        self._pipes = pipes
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._load, name="load", daemon=True),
            threading.Thread(target=self._listen, name="listen", daemon=True),
        ]

    def start(self) -> None:
        """Start listening and loading."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop both; a load in progress is finished first, a long poll ends by itself."""
        self._stopping.set()
        self._pipes.work.set()
        deadline = time.monotonic() + 1.5
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _listen(self) -> None:
        ready, silent = False, False
        while not self._stopping.is_set():
            try:
                if not ready:
                    self._queue.ensure()
                    ready, silent = True, False
                self._receive()
            except QueueUnavailableError as error:
                if not silent:
                    logger.warning("notification queue unavailable, retrying: %s", error)
                ready, silent = False, True
                self._stopping.wait(1.0)
            except Exception:
                # The loop must survive a bug: messages that were not stored are not deleted and are delivered again.
                logger.exception("listening failed")
                self._stopping.wait(1.0)

    def _receive(self) -> None:
        messages = self._queue.receive(wait_seconds=1)
        if messages and not self._stopping.is_set():
            self._pipes.notify(event for message in messages for event in message.notifications)
            self._queue.delete(messages)

    def _load(self) -> None:
        self._pipes.work.set()
        while not self._stopping.is_set():
            retry = self._pipes.next_retry()
            self._pipes.work.wait(_LONGEST_NAP if retry is None else min(retry, _LONGEST_NAP))
            self._pipes.work.clear()
            if not self._stopping.is_set():
                self._run()

    def _run(self) -> None:
        try:
            self._pipes.run()
        except Exception:
            # The loop must survive a bug: pending files are still stored, and are retried.
            logger.exception("loading failed")
            self._stopping.wait(1.0)
            self._pipes.work.set()
