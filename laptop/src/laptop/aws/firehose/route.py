"""The way of records through one version of a delivery stream: a function if it has one, then buffers, then S3."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from laptop.aws.firehose.buffer import Buffer, BufferingHints
from laptop.aws.firehose.delivery import Deliveries
from laptop.aws.firehose.failed_records import ErrorOutput
from laptop.aws.firehose.processors import FunctionSettings
from laptop.aws.firehose.record import Record
from laptop.aws.firehose.s3_object import Destination
from laptop.aws.firehose.transformation import Transformation, Transformations


class Route:
    """Takes records in, and delivers them in the background."""

    def __init__(
        self,
        destination: Destination,
        source_arn: str | None,
        deliveries: Deliveries,
        transformations: Transformations,
    ) -> None:
        hints = BufferingHints.of(destination.config)
        self._entry = Buffer(hints, functools.partial(deliveries.start, destination))
        self._buffers = [self._entry]
        function = FunctionSettings.of(destination.config)
        if function is not None:
            failures = Buffer(hints, functools.partial(deliveries.start, ErrorOutput.of(destination)))
            step = Transformation(destination, function, source_arn, self._entry.add, failures.add)
            self._entry = Buffer(function.buffer, functools.partial(transformations.start, step))
            self._buffers += [failures, self._entry]

    def add(self, records: Iterable[Record]) -> None:
        """Take records in."""
        self._entry.add(records)

    @property
    def oldest(self) -> float | None:
        """The arrival of the oldest record that waits in a buffer; None if none does."""
        waiting = [buffer.oldest for buffer in self._buffers]
        return min((at for at in waiting if at is not None), default=None)
