"""Records that the front door took, against those that Firehose passed on: CloudWatch counts, so with a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.output import CommandError
from config.model import PipelineConfig
from config.names import EventStream

TOLERANCE = 0.01
"""Share of the records that may differ, besides those of the last minutes: CloudWatch's times are not exact."""
UNDER_WAY = timedelta(minutes=30)
"""The longest time for which a record is under way: in the gate's buffer, then in the delivery stream's."""
_MINUTE = 60
# CloudWatch answers with at most 1,440 values.
_DAY = timedelta(minutes=1440)


@dataclass(frozen=True)
class RecordCounts:
    """The records of one kind of event in a period.

    Attributes:
        events: the kind of event.
        taken: those that the Data Stream, or without one the delivery stream, took.
        recent: those of the last minutes, which may be under way.
        passed_on: those that Firehose had transformed, or without a gate delivered; repeated ones count again.
        failed: those that it put into the error folder, redriven or not.
    """

    events: str
    taken: int
    recent: int
    passed_on: int
    failed: int

    @property
    def missing(self) -> int:
        """Records that were taken and not passed on, beyond the tolerance."""
        lost = self.taken - self.recent - self.passed_on - self.failed
        return lost if lost > self.taken * TOLERANCE else 0

    def as_json_object(self) -> Mapping[str, object]:
        """For scripts."""
        return {
            "events": self.events,
            "records_taken": self.taken,
            "records_taken_recently": self.recent,
            "records_passed_on": self.passed_on,
            "failed_records": self.failed,
            "tolerance": TOLERANCE,
            "missing_records": self.missing,
        }


def record_counts(
    cloudwatch: Any, config: PipelineConfig, stream: EventStream, start: datetime, end: datetime, failed: int
) -> RecordCounts:
    """Ask CloudWatch.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html

    Raises:
        CommandError: CloudWatch refuses.
    """
    door = (
        ("AWS/Kinesis", "IncomingRecords", {"Name": "StreamName", "Value": stream.stream_name})
        if config.streaming.source == "kinesis"
        else ("AWS/Firehose", "IncomingRecords", _delivery(stream))
    )
    done = "SucceedProcessing.Records" if config.gate.enabled else "DeliveryToS3.Records"
    taken = _sum(cloudwatch, *door, start, end)
    passed_on = _sum(cloudwatch, "AWS/Firehose", done, _delivery(stream), start, end)
    recently = max(start, datetime.now(UTC) - UNDER_WAY)
    recent = _sum(cloudwatch, *door, recently, end) if recently < end else 0
    return RecordCounts(stream.name, taken, recent, passed_on, failed)


def _delivery(stream: EventStream) -> dict[str, str]:
    return {"Name": "DeliveryStreamName", "Value": stream.delivery_stream_name}


def _sum(
    cloudwatch: Any, namespace: str, metric: str, dimension: dict[str, str], start: datetime, end: datetime
) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[dimension],
            StartTime=start,
            EndTime=end,
            Period=60 * _MINUTE if end - start > _DAY else _MINUTE,
            Statistics=["Sum"],
        )
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"cannot read {metric} of {dimension['Value']}: {error}") from None
    return int(sum(point["Sum"] for point in answer["Datapoints"]))
