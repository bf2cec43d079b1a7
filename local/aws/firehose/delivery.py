"""Delivery of a full buffer: transform, put into S3, and try again for as long as AWS would."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from ministack.services import firehose

from local.aws.firehose import measures
from local.aws.firehose.buffer import Batch
from local.aws.firehose.error_log import log_failure
from local.aws.firehose.s3_object import Destination, S3PutError
from local.aws.firehose.transform import transformed

logger = logging.getLogger("firehose")

# AWS keeps what it cannot deliver for a day.
_GIVE_UP_AFTER_SECONDS = 24 * 3600.0
_LONGEST_PAUSE_SECONDS = 30.0


class Deliveries:
    """Carries batches to S3 in the background, and knows which are still under way."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="firehose-delivery")
        self._lock = threading.Lock()
        self._under_way: set[Future[None]] = set()
        self._undelivered: dict[int, tuple[str, float]] = {}

    def start(self, destination: Destination, batch: Batch, attempt: int = 1) -> None:
        """Deliver `batch` without making the caller wait."""
        with self._lock:
            self._undelivered[id(batch)] = destination.stream_arn, batch.arrived
            future = self._workers.submit(batch.context.run, self._attempt, destination, batch, attempt)
            self._under_way.add(future)
        future.add_done_callback(self._finished)

    def oldest(self, stream_arn: str) -> float | None:
        """When the oldest record of a stream came that was taken for delivery and is not in S3 yet."""
        with self._lock:
            return min((at for arn, at in self._undelivered.values() if arn == stream_arn), default=None)

    def wait(self, timeout: float) -> None:
        """Wait until what was started has been tried, at most `timeout` seconds."""
        with self._lock:
            under_way = set(self._under_way)
        wait(under_way, timeout=timeout)

    def _finished(self, future: Future[None]) -> None:
        with self._lock:
            self._under_way.discard(future)

    def _attempt(self, destination: Destination, batch: Batch, attempt: int) -> None:
        try:
            deliver(destination, batch)
        except S3PutError as error:
            log_failure(destination, error.code, str(error))
            measures.not_delivered(destination.stream_name)
            self._try_later(destination, batch, attempt)
        except Exception:
            logger.exception("Firehose %s: delivery failed", destination.stream_name)
            measures.not_delivered(destination.stream_name)
            self._try_later(destination, batch, attempt)
        else:
            self._forget(batch)
            measures.delivered(
                destination.stream_name,
                records=len(batch.records),
                size=batch.size,
                age=time.time() - batch.arrived,
            )

    def _try_later(self, destination: Destination, batch: Batch, attempt: int) -> None:
        stream_is_gone = destination.stream_name not in firehose._streams
        if stream_is_gone or time.time() - batch.arrived > _GIVE_UP_AFTER_SECONDS:
            logger.error("Firehose %s: %d records given up", destination.stream_name, len(batch.records))
            self._forget(batch)
            return
        pause = min(2.0 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
        timer = threading.Timer(pause, self.start, (destination, batch, attempt + 1))
        timer.daemon = True
        timer.start()

    def _forget(self, batch: Batch) -> None:
        with self._lock:
            self._undelivered.pop(id(batch), None)


def deliver(destination: Destination, batch: Batch) -> None:
    """Write one batch: what passes its processors, and beside it what failed them.

    Raises:
        S3PutError: the bucket did not take it.
    """
    outcome = transformed(destination, batch.records)
    if outcome.failed:
        error_key = destination.error_key(batch.arrived, "processing-failed")
        destination.put(error_key, outcome.failure_report(batch.arrived))
    if outcome.passed:
        destination.put(destination.object_key(batch.arrived), destination.body(outcome.passed))
