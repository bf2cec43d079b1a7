"""The pipes of a deployment, and the bucket's notifications that they depend on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cli.doctor.check import Check, Finding, When, ill, unknown, well
from cli.doctor.checks.landing import named, shown
from snowflake_setup.sql.identifiers import literal
from snowflake_setup.sql.pipe_state import PipeState
from snowflake_setup.sql.timestamps import timestamp

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en"
# https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage: messages for a paused pipe are kept so long.
_STALE = timedelta(days=14)
_TIMES = (
    "oldestFileTimestamp",
    "lastIngestedTimestamp",
    "lastReceivedMessageTimestamp",
    "lastForwardedMessageTimestamp",
)


def _status(patient: Patient, stream: EventStream) -> dict[str, Any]:
    """The pipe's status."""
    name = named(patient, stream.pipe).sql()
    (row,) = patient.rows(f"SELECT SYSTEM$PIPE_STATUS({literal(name)}) AS STATUS")
    found: dict[str, Any] = json.loads(row["status"])
    return found


def _channel(patient: Patient, stream: EventStream) -> str:
    """The ARN of the queue that the pipe reads."""
    return str(
        shown(patient, f"SHOW PIPES LIKE {literal(stream.pipe)}", stream.pipe)["notification_channel"] or ""
    )


def _queue(patient: Patient, stream: EventStream) -> Finding:
    arn = _channel(patient, stream)
    region = arn.split(":")[3] if arn.count(":") >= 5 else ""
    return (well if region == patient.region else ill)(
        f"the queue is in {region or 'no region'}, the lake in {patient.region}"
    )


def _notifications(patient: Patient) -> Finding:
    bucket = patient.output("Storage", "LakeBucketName")
    found = patient.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    told = {
        next((r["Value"] for r in _rules(one) if r["Name"].lower() == "prefix"), ""): one
        for one in found.get("QueueConfigurations", ())
    }
    wrong = []
    for stream in patient.config.event_streams:
        one, arn = told.get(stream.data_prefix), _channel(patient, stream)
        if one is None:
            wrong.append(f"files under {stream.data_prefix} are not announced")
        elif one["QueueArn"] != arn:
            wrong.append(f"files under {stream.data_prefix} are announced to another queue than the pipe's")
        elif "s3:ObjectCreated:*" not in one["Events"]:
            wrong.append(f"only {', '.join(one['Events'])} are announced under {stream.data_prefix}")
    return ill("; ".join(wrong)) if wrong else well(f"{len(told)} prefixes are announced to the pipes' queue")


def _rules(configuration: Any) -> list[dict[str, str]]:
    rules: list[dict[str, str]] = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return rules


def _fresh(patient: Patient, stream: EventStream) -> Finding:
    state = _status(patient, stream)
    if state["executionState"] != "PAUSED":
        return well("not paused")
    known = [timestamp(state[key]) for key in _TIMES if state.get(key)]
    if known and datetime.now(UTC) - max(known) > _STALE:
        return ill(
            f"pipe {stream.pipe} is paused, and last received a message at {max(known):%Y-%m-%d %H:%M} UTC"
        )
    return well("paused for less than 14 days")


def _running(patient: Patient, stream: EventStream) -> Finding:
    state = _status(patient, stream)
    told = f"pipe {stream.pipe} is {state['executionState']}, {state.get('pendingFileCount', 0)} files wait"
    well_ = PipeState.read({"status": json.dumps(state)}).running
    return (well if well_ else ill)(told + (f": {state['error']}" if state.get("error") else ""))


def _times(patient: Patient, stream: EventStream) -> Finding:
    state = _status(patient, stream)
    given = {key: state[key] for key in _TIMES if state.get(key)}
    for key, value in given.items():
        try:
            timestamp(value)
        except (ValueError, TypeError):
            return ill(f"{key} is {value!r}")
    if not given:
        return unknown("the pipe has loaded no file yet")
    return well(
        "as " + ("text" if all(isinstance(value, str) for value in given.values()) else "milliseconds")
    )


CHECKS = (
    Check(
        name="pipe-queue",
        title="The pipe's queue is in the lake's region",
        looks_at="`SHOW PIPES`, column `notification_channel`",
        otherwise="S3 announces files to queues in its region only: deploy to Snowflake's region",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_queue),
        needs=("snowflake-region",),
    ),
    Check(
        name="notifications",
        title="S3 announces new files to the pipe, and the configuration was not overwritten",
        looks_at="`s3api get-bucket-notification-configuration` and the pipe's `notification_channel`",
        otherwise="deploy the Landing stack again with a change, or restore the notifications (runbook); then "
        "`ALTER PIPE … REFRESH`",
        source=f"{_DOCS}/user-guide/data-load-snowpipe-auto-s3",
        when=When.AFTER,
        stack="Landing",
        look=_notifications,
        needs=("snowflake-login", "pipe-queue"),
    ),
    Check(
        name="pipe-stale",
        title="No pipe has been paused for more than 14 days",
        looks_at="`SYSTEM$PIPE_STATUS`: paused, and the newest of its times",
        otherwise="`SELECT SYSTEM$PIPE_FORCE_RESUME('<pipe>', 'staleness_check_override')`, then load the files it "
        "missed (runbook)",
        source=f"{_DOCS}/user-guide/data-load-snowpipe-manage",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_fresh),
        needs=("snowflake-login",),
    ),
    Check(
        name="pipe-running",
        title="Every pipe runs",
        looks_at="`SYSTEM$PIPE_STATUS`",
        otherwise="paused: `ALTER PIPE … SET PIPE_EXECUTION_PAUSED = FALSE`; otherwise follow its error (runbook)",
        source=f"{_DOCS}/sql-reference/functions/system_pipe_status",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_running),
        needs=("snowflake-login", "storage-integration", "lake-reader", "stage", "pipe-stale"),
    ),
    Check(
        name="pipe-times",
        title="A pipe's status has its times as text or as milliseconds",
        looks_at="`SYSTEM$PIPE_STATUS`, which the monitor reads for `OldestPendingFileAge`",
        otherwise="report the output of `SYSTEM$PIPE_STATUS`",
        source=f"{_DOCS}/sql-reference/functions/system_pipe_status",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_times),
        needs=("snowflake-login",),
    ),
)
