"""Checks that change something: new events and files, and an alarm; all is tidied up, except one row.

Rows have the event type `_doctor`, which the deduplicated view leaves out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from cli.doctor.check import Check, Finding, When, ill, unknown, well
from cli.doctor.checks.landing import named
from clickstream_wire.columns import EVENT_ID, INTERNAL, SOURCE_FILE
from pipeline_monitor.loads import file_name
from snowflake_setup.sql.identifiers import literal

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_DOCS = "https://docs.aws.amazon.com"
_TYPE = f"{INTERNAL}doctor"
# Snowpipe gives no guarantee; S3 publishes request metrics within minutes.
_SNOWPIPE_SECONDS, _METRIC_SECONDS, _ACTION_SECONDS = 180, 600, 60
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
# Before this project: the folder has no events.
_FOLDER = "dt=2020-01-01/hh=00/"
T = TypeVar("T")


def _awaited(found: Callable[[], T | None], seconds: float) -> T | None:
    """The first truthy result within that time."""
    ends, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while not (result := found()) and time.monotonic() < ends:
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return result


def _event(number: int) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"event_id": f"doctor/{now}/{number}", "event_type": _TYPE, "timestamp": now}


def _row(patient: Patient, stream: EventStream) -> Finding:
    event, started = _event(1), time.monotonic()
    data = json.dumps(event).encode()
    if patient.config.streaming.source == "kinesis":
        name = stream.stream_name
        patient.client("kinesis").put_record(StreamName=name, Data=data, PartitionKey=event["event_id"])
    else:
        name = stream.delivery_stream_name
        patient.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": data})
    where = f'{named(patient, stream.table).sql()} WHERE "{EVENT_ID}" = {literal(event["event_id"])}'
    buffered = patient.config.streaming.buffer_interval_seconds + patient.config.gate.buffer_interval_seconds
    patience = 2 * buffered + _SNOWPIPE_SECONDS
    if _awaited(lambda: patient.run(f"SELECT 1 AS FOUND FROM {where} LIMIT 1"), patience):
        return well(f"an event to {name} was a row {time.monotonic() - started:.0f} s later")
    return ill(f"an event to {name} is no row after {patience} s")


@contextmanager
def _file(patient: Patient, key: str, body: bytes) -> Iterator[None]:
    """A file in the lake, for as long as the block runs."""
    s3, bucket = patient.client("s3"), patient.output("Storage", "LakeBucketName")
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    try:
        yield
    finally:
        s3.delete_object(Bucket=bucket, Key=key)


def _bad_line(patient: Patient, stream: EventStream) -> Finding:
    lines = [json.dumps(_event(1)), '{"event_id": "doctor/broken', json.dumps(_event(2))]
    key = f"{stream.data_prefix}{_FOLDER}doctor-{time.time_ns()}.json"
    table = named(patient, stream.table)
    counted = (
        f'SELECT COUNT(*) AS N FROM {table.sql()} WHERE "{SOURCE_FILE}" LIKE {literal("%" + file_name(key))}'
    )
    history = (
        f"SELECT STATUS FROM TABLE({table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => {literal(table.sql())}, START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP()))) "
        f"WHERE FILE_NAME LIKE {literal('%' + file_name(key))}"
    )
    with _file(patient, key, "\n".join(lines).encode()):
        loaded = _awaited(lambda: patient.run(history), _SNOWPIPE_SECONDS)
    if not loaded:
        return unknown(f"{key} was not loaded within {_SNOWPIPE_SECONDS} s")
    rows = int(patient.run(counted)[0]["n"])
    told = f"{rows} of 2 good lines are rows, the file is {loaded[0]['status']}"
    if rows == 2:
        return well(told)
    if patient.config.gate.enabled:
        return well(
            f"{told}: a bad line costs the rest of its file; the event gate keeps such lines out. Report it"
        )
    return ill(f"{told}: a bad line costs the rest of its file, and there is no event gate")


def _error_file(patient: Patient, stream: EventStream) -> Finding:
    bucket = patient.output("Storage", "LakeBucketName")
    listed = patient.client("s3").list_bucket_metrics_configurations(Bucket=bucket)
    filters = [
        one["Id"]
        for one in listed.get("MetricsConfigurationList", ())
        if stream.error_prefix.startswith(one.get("Filter", {}).get("Prefix", ""))
    ]
    if not filters:
        return ill(f"nothing counts under {stream.error_prefix}")
    started = datetime.now(UTC) - timedelta(minutes=1)

    def counted() -> list[Any]:
        answer = patient.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/S3",
            MetricName="PutRequests",
            Dimensions=[{"Name": "BucketName", "Value": bucket}, {"Name": "FilterId", "Value": filters[0]}],
            StartTime=started,
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )
        return [one for one in answer["Datapoints"] if one["Sum"]]

    with _file(patient, f"{stream.error_prefix}doctor-{time.time_ns()}", b"{}"):
        if _awaited(counted, _METRIC_SECONDS):
            return well(f"filter {filters[0]} has counted a file under {stream.error_prefix}")
    return ill(
        f"filter {filters[0]} has not counted a file under {stream.error_prefix} in {_METRIC_SECONDS} s"
    )


def _alarm(patient: Patient) -> Finding:
    cloudwatch = patient.client("cloudwatch")
    names = patient.physical_ids("Ops", "AWS::CloudWatch::Alarm")
    found = cloudwatch.describe_alarms(AlarmNames=names[:100])["MetricAlarms"]
    acting = [alarm for alarm in found if alarm["AlarmActions"] and alarm["StateValue"] != "ALARM"]
    if not acting:
        return unknown("no alarm with an action can be raised now")
    name, before = acting[0]["AlarmName"], acting[0]["StateValue"]
    started = datetime.now(UTC) - timedelta(seconds=1)

    def actions() -> list[str]:
        items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action", StartDate=started)
        return [str(item["HistorySummary"]) for item in items["AlarmHistoryItems"]]

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test by clickstream doctor")
    try:
        told = _awaited(actions, _ACTION_SECONDS) or []
    finally:
        reason = "end of the test by clickstream doctor"
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=before, StateReason=reason)
    if failed := [action for action in told if not action.startswith("Successfully")]:
        return ill(f"alarm {name}: {failed[0]}")
    if not told:
        return ill(f"alarm {name} has taken no action in {_ACTION_SECONDS} s")
    return well(f"alarm {name} was raised and cleared, and told its topic: two messages must arrive")


CHECKS = (
    Check(
        name="event-to-row",
        title="An event at the front door becomes a row",
        looks_at="sends one event of type `_doctor` for each kind, and waits for its row, which stays",
        otherwise="`clickstream status`, `SYSTEM$PIPE_STATUS`, `COPY_HISTORY`, `clickstream rejects list`",
        source=f"{_DOCS}/firehose/latest/dev/basic-write.html",
        when=When.WRITE,
        stack="Landing",
        look=lambda patient: patient.each_kind(_row),
        needs=("pipe-running", "notifications", "delivery-stream", "front-door"),
    ),
    Check(
        name="bad-line",
        title="A line that is not JSON costs itself, not the rest of its file",
        looks_at=f"puts a file of three lines, good, broken, good, under `{_FOLDER}`: two rows, which stay",
        otherwise="report one row: until then, rely on the event gate, which keeps such lines out of the lake",
        source="https://docs.snowflake.com/en/sql-reference/sql/copy-into-table",
        when=When.WRITE,
        stack="Landing",
        look=lambda patient: patient.each_kind(_bad_line),
        needs=("pipe-running", "notifications"),
    ),
    Check(
        name="error-counted",
        title="S3 counts a file under the error prefix",
        looks_at="puts a file there, waits for `PutRequests`, deletes it; `delivery-errors` goes off",
        otherwise="the bucket's metrics configuration; the metrics may take minutes",
        source=f"{_DOCS}/AmazonS3/latest/userguide/metrics-dimensions.html",
        when=When.WRITE,
        stack="Storage",
        look=lambda patient: patient.each_kind(_error_file),
        needs=("error-prefix",),
    ),
    Check(
        name="alarm-message",
        title="An alarm reaches people",
        looks_at="`cloudwatch set-alarm-state` and back; the alarm's history says that the topic took the message. "
        "Then look for two messages",
        otherwise="confirm the subscription; the topic's key must allow CloudWatch",
        source=f"{_DOCS}/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
        when=When.WRITE,
        stack="Ops",
        look=_alarm,
        needs=("recipients", "alarm-actions"),
    ),
)
