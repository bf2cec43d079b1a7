"""The Data Stream that a replay reads, and up to when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from cli.output import CommandError
from producer.target import Target

# A delivery stream reads from the end of its Data Stream, at some moment while it is created.
# https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
_BEGINS_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class StreamSource:
    """A Data Stream.

    Attributes:
        name: its name.
        arn: its ARN.
        created: when it was created.
        now: the present by the clock of Kinesis, in whole seconds.
    """

    name: str
    arn: str
    created: datetime
    now: datetime

    @classmethod
    def of(cls, kinesis: Any, name: str) -> StreamSource:
        """The stream of that name.

        Raises:
            ClientError: there is none, or AWS refuses.
        """
        answer = kinesis.describe_stream_summary(StreamName=name)
        found = answer["StreamDescriptionSummary"]
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC).replace(microsecond=0)
        return cls(name, found["StreamARN"], found["StreamCreationTimestamp"], now)

    @property
    def identity(self) -> str:
        """Name for a checkpoint: a stream that is created again under its name has other records."""
        return f"{self.arn} of {self.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def until(
        self, target: Target, end: datetime | None, firehose: Any, delivery_stream: str
    ) -> datetime | None:
        """The first arrival that is not read; None to read up to the end.

        A stream that an environment has imported is read by a new delivery stream, from its end. So what waits in it
        is put into it again, up to the time at which the delivery stream began; what is put arrives later, and is not
        read a second time.

        Args:
            target: the stream to put records into.
            end: the time that the user gave.
            firehose: a client.
            delivery_stream: reads the target.

        Raises:
            ClientError: AWS refuses.
            CommandError: the user's time is later.
        """
        if (target.kind, target.name) != ("kinesis", self.name):
            return end
        answer = firehose.describe_delivery_stream(DeliveryStreamName=delivery_stream)
        began: datetime = answer["DeliveryStreamDescription"]["CreateTimestamp"] + _BEGINS_WITHIN
        if end and end > began:
            raise CommandError(
                f"--to {end:%Y-%m-%d %H:%M:%S} is too late: {self.name} is this environment's own stream, and "
                f"{delivery_stream} delivers what arrives in it since {began:%Y-%m-%d %H:%M:%S} at the latest. Leave "
                "out --to to put again what waited before",
                exit_code=2,
            )
        return min(began, self.now, end or began)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn an error of AWS inside the block into one that names the stream and the remedy.

    Raises:
        CommandError: AWS refuses or cannot be reached.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise CommandError(
            f"cannot read Data Stream {name!r}: {error}; check its name and the region, and that the credentials in "
            "use may kinesis:DescribeStreamSummary, ListShards, GetShardIterator and GetRecords on it, and use its KMS "
            "key"
        ) from None
    except BotoCoreError as error:
        raise CommandError(f"cannot read Data Stream {name!r}: {error}") from None
