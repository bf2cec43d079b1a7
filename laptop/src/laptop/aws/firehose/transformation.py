"""Transformation of batches by a function, with AWS's retries.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ministack.services import firehose

from laptop.aws.firehose import measures
from laptop.aws.firehose.buffer import Batch
from laptop.aws.firehose.error_log import log_failure
from laptop.aws.firehose.failed_records import failed_record
from laptop.aws.firehose.invocation import Event, event_of, invoke
from laptop.aws.firehose.lambda_answer import Failure, Result, TransformationError, results_of
from laptop.aws.firehose.processors import FunctionSettings
from laptop.aws.firehose.record import Record
from laptop.aws.firehose.s3_object import Destination
from laptop.aws.firehose.unfinished import Unfinished

logger = logging.getLogger("firehose")

# AWS does not document its pauses.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

Outlet = Callable[[list[Record]], None]


@dataclass(frozen=True)
class Transformation:
    """One version's function, and the buffers for transformed and for failed records."""

    destination: Destination
    function: FunctionSettings
    source_arn: str | None
    transformed: Outlet
    failed: Outlet


class Transformations:
    """Transforms batches in the background, several at a time, and tracks the unfinished ones."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="firehose-transformation")
        self._unfinished = Unfinished()

    def start(self, step: Transformation, batch: Batch) -> None:
        """Transform `batch` without making the caller wait."""
        destination = step.destination
        self._unfinished.begin(destination.stream_arn, batch)
        event = batch.context.run(event_of, batch.records, destination.stream_arn, step.source_arn)
        self._submit(step, batch, event, 1)

    def oldest(self, stream_arn: str) -> float | None:
        """The arrival of a stream's oldest record in an unfinished batch."""
        return self._unfinished.oldest(stream_arn)

    def _submit(self, step: Transformation, batch: Batch, event: Event, attempt: int) -> None:
        self._workers.submit(batch.context.run, self._attempt, step, batch, event, attempt)

    def _attempt(self, step: Transformation, batch: Batch, event: Event, attempt: int) -> None:
        name = step.destination.stream_name
        if name not in firehose._streams:
            logger.warning("Firehose %s: %d records dropped, the stream is gone", name, len(batch.records))
            self._unfinished.end(batch)
            return
        try:
            results = _measured_results(step, event)
        except TransformationError as error:
            if error.transient and attempt <= step.function.retries:
                self._try_later(step, batch, event, attempt)
                return
            log_failure(
                step.destination, error.failure.code, error.failure.message, processor=step.function.arn
            )
            results = [error.failure] * len(batch.records)
        # The next buffers take the records before this one forgets them, so that their age shows at any time.
        _hand_on(step, batch.records, results, attempt)
        self._unfinished.end(batch)

    def _try_later(self, step: Transformation, batch: Batch, event: Event, attempt: int) -> None:
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
        timer = threading.Timer(pause, self._submit, (step, batch, event, attempt + 1))
        timer.daemon = True
        timer.start()


def _measured_results(step: Transformation, event: Event) -> list[Result]:
    began, succeeded = time.monotonic(), False
    try:
        answer = invoke(step.function, step.destination.stream_arn, event)
        results = results_of(answer, [entry["recordId"] for entry in event["records"]])
        succeeded = True
        return results
    except TransformationError:
        raise
    except Exception as error:
        logger.exception("Firehose %s: the invocation failed", step.destination.stream_name)
        raise TransformationError("Lambda.InternalServerError", str(error)) from error
    finally:
        measures.invoked(step.destination.stream_name, succeeded=succeeded, seconds=time.monotonic() - began)


def _hand_on(step: Transformation, records: list[Record], results: list[Result], attempts: int) -> None:
    transformed, failed, processed = [], [], []
    for record, result in zip(records, results, strict=True):
        if isinstance(result, Failure):
            arn = step.function.arn
            failed.append(failed_record(record, result, attempts=attempts, function_arn=arn))
            continue
        processed.append(len(record.data))
        if result is not None:
            transformed.append(Record(result, arrived=record.arrived))
    measures.processed(step.destination.stream_name, records=len(processed), size=sum(processed))
    step.transformed(transformed)
    step.failed(failed)
