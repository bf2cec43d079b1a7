"""Delivery of a batch: put it into S3, and retry for as long as AWS would."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ministack.services import firehose

from laptop.aws.firehose import measures
from laptop.aws.firehose.buffer import Batch
from laptop.aws.firehose.error_log import log_failure
from laptop.aws.firehose.s3_object import Destination, S3PutError
from laptop.aws.firehose.unfinished import Unfinished

logger = logging.getLogger("firehose")

# AWS keeps undelivered records for a day.
_GIVE_UP_AFTER_SECONDS = 24 * 3600.0
_LONGEST_PAUSE_SECONDS = 30.0


class Deliveries:
    """Delivers batches to S3 in the background, and tracks the unfinished ones."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="firehose-delivery")
        self._undelivered = Unfinished()

    def start(self, destination: Destination, batch: Batch, attempt: int = 1) -> None:
        """Deliver `batch` without making the caller wait."""
        self._undelivered.begin(destination.stream_arn, batch)
        self._workers.submit(batch.context.run, self._attempt, destination, batch, attempt)

    def oldest(self, stream_arn: str) -> float | None:
        """The arrival of a stream's oldest record that is being delivered and not in S3 yet."""
        return self._undelivered.oldest(stream_arn)

    def _attempt(self, destination: Destination, batch: Batch, attempt: int) -> None:
        try:
            body = destination.body([record.data for record in batch.records])
            destination.put(destination.object_key(batch.arrived), body)
        except S3PutError as error:
            log_failure(destination, f"S3.{error.code}", str(error))
            measures.not_delivered(destination.stream_name)
            self._try_later(destination, batch, attempt)
        except Exception:
            logger.exception("Firehose %s: delivery failed", destination.stream_name)
            measures.not_delivered(destination.stream_name)
            self._try_later(destination, batch, attempt)
        else:
            self._undelivered.end(batch)
            if destination.is_delivery:
                measures.delivered(
                    destination.stream_name,
                    records=len(batch.records),
                    size=batch.size,
                    age=time.time() - batch.arrived,
                )

    def _try_later(self, destination: Destination, batch: Batch, attempt: int) -> None:
        stream_is_gone = destination.stream_name not in firehose._streams
        if stream_is_gone or time.time() - batch.arrived > _GIVE_UP_AFTER_SECONDS:
            logger.error(
                "Firehose %s: %d records dropped after retries",
                destination.stream_name,
                len(batch.records),
            )
            self._undelivered.end(batch)
            return
        pause = min(2.0 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
        timer = threading.Timer(pause, self.start, (destination, batch, attempt + 1))
        timer.daemon = True
        timer.start()
