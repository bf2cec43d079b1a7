"""Streams and lake: events on their way to Snowflake."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from clickstream_wire.folders import DAY_FOLDER

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# The start of a file is enough to see its lines.
_BYTES = 65_536


def _reader(patient: Patient) -> Finding:
    if patient.config.access.mode == "storage_integration":
        return skipped("Snowflake assumes a role")
    iam, user = patient.client("iam"), patient.config.names.snowpipe_user
    active = _active_keys(iam, user)
    groups = [group["GroupName"] for group in iam.list_groups_for_user(UserName=user)["Groups"]]
    if not active or not groups:
        return ill(f"user {user} has {active} active keys and is in {len(groups)} groups")
    policies = sum(
        len(iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]) for group in groups
    )
    if not policies:
        return ill(f"the group of user {user} has no policy")
    others = [
        member["UserName"]
        for group in groups
        for member in iam.get_group(GroupName=group)["Users"]
        if member["UserName"] != user and _active_keys(iam, member["UserName"])
    ]
    if others:
        return ill(f"other users of the group have active keys: {', '.join(others)}")
    return well(f"user {user} has {active} active key{'s' if active > 1 else ''}, and the policy")


def _active_keys(iam: object, user: str) -> int:
    keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]  # type: ignore[attr-defined]
    return sum(key["Status"] == "Active" for key in keys)


def _front_door(patient: Patient, stream: EventStream) -> Finding:
    if patient.config.streaming.source != "kinesis":
        return skipped("producers write to the delivery stream")
    kinesis = patient.client("kinesis")
    try:
        found = kinesis.describe_stream_summary(StreamName=stream.stream_name)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException:
        return ill(f"there is no Data Stream {stream.stream_name}")
    told = f"Data Stream {stream.stream_name} is {found['StreamStatus']}"
    return (well if found["StreamStatus"] in ("ACTIVE", "UPDATING") else ill)(told)


def _delivery_stream(patient: Patient, stream: EventStream) -> Finding:
    firehose, name = patient.client("firehose"), stream.delivery_stream_name
    try:
        found = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    except firehose.exceptions.ResourceNotFoundException:
        return ill(f"there is no delivery stream {name}")
    told = f"delivery stream {name} is {found['DeliveryStreamStatus']}"
    return (well if found["DeliveryStreamStatus"] == "ACTIVE" else ill)(told)


def _error_log(patient: Patient, stream: EventStream) -> Finding:
    found = patient.client("firehose").describe_delivery_stream(
        DeliveryStreamName=stream.delivery_stream_name
    )
    (destination,) = found["DeliveryStreamDescription"]["Destinations"]
    options = destination["ExtendedS3DestinationDescription"]["CloudWatchLoggingOptions"]
    since = int((datetime.now(UTC) - _HOUR).timestamp() * 1000)
    lines = patient.client("logs").filter_log_events(
        logGroupName=options["LogGroupName"], startTime=since, limit=20
    )["events"]
    if lines:
        return ill(f"{len(lines)} lines in the last hour, the last: {_message(str(lines[-1]['message']))}")
    return well("no line in the last hour")


def _message(line: str) -> str:
    """Error code and message of a line of Firehose's log."""
    try:
        found = json.loads(line)
        return f"{found['errorCode']}: {found['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return line[:200]


def _undelivered(patient: Patient, stream: EventStream) -> Finding:
    bucket = patient.output("Storage", "LakeBucketName")
    found = (
        patient.client("s3").list_objects_v2(Bucket=bucket, Prefix=stream.error_prefix).get("Contents", [])
    )
    recent = [one for one in found if datetime.now(UTC) - one["LastModified"] < _DAY]
    if recent:
        return ill(f"{len(recent)} files under {stream.error_prefix} since yesterday")
    return well(f"no new file under {stream.error_prefix}")


def _object(patient: Patient, stream: EventStream) -> Finding:
    bucket, today = patient.output("Storage", "LakeBucketName"), datetime.now(UTC).strftime(DAY_FOLDER)
    s3, folder = patient.client("s3"), f"{stream.data_prefix}{today}"
    hours = s3.list_objects_v2(Bucket=bucket, Prefix=folder, Delimiter="/").get("CommonPrefixes", [])
    if not hours:
        return unknown(f"no folder of an hour under {folder}")
    newest = s3.list_objects_v2(Bucket=bucket, Prefix=hours[-1]["Prefix"]).get("Contents", [])[-1]["Key"]
    start = s3.get_object(Bucket=bucket, Key=newest, Range=f"bytes=0-{_BYTES - 1}")["Body"].read()
    lines = _lines(start)
    for number, line in enumerate(lines, start=1):
        try:
            one_event = isinstance(json.loads(line), dict)
        except ValueError:
            one_event = False
        if not one_event:
            return ill(f"line {number} of {newest} is not one event")
    return (well if lines else ill)(f"{newest}: {len(lines)} lines, one event each")


def _lines(start: bytes) -> list[bytes]:
    """The complete lines at the start of a compressed file."""
    return zlib.decompressobj(wbits=31).decompress(start).split(b"\n")[:-1]


CHECKS = (
    Check(
        name="lake-reader",
        title="The Snowpipe user has one key that works, and no other user has one",
        looks_at="`iam list-access-keys` of the user and of its group's other members",
        otherwise="activate the key or raise `access_key_serial`; delete keys of users that the config no longer names",
        source="https://docs.snowflake.com/en/user-guide/data-load-s3-config-aws-iam-user",
        when=When.AFTER,
        stack="Access",
        look=_reader,
    ),
    Check(
        name="front-door",
        title="The Data Stream takes events",
        looks_at="`kinesis describe-stream-summary`",
        otherwise="deploy again; a deleted stream has to be removed from the stack first",
        source="https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html",
        when=When.AFTER,
        stack="Streaming",
        look=lambda patient: patient.each_kind(_front_door),
    ),
    Check(
        name="delivery-stream",
        title="The delivery stream is active",
        looks_at="`firehose describe-delivery-stream`",
        otherwise="deploy again; its `FailureDescription` has the reason",
        source="https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamDescription.html",
        when=When.AFTER,
        stack="Streaming",
        look=lambda patient: patient.each_kind(_delivery_stream),
    ),
    Check(
        name="delivery-log",
        title="Firehose assumes its role, and writes with its policy",
        looks_at="the delivery stream's error log of the last hour",
        otherwise="the line names the missing permission; “unable to assume role”: the role's trust policy, report it",
        source="https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html",
        when=When.AFTER,
        stack="Streaming",
        look=lambda patient: patient.each_kind(_error_log),
        needs=("delivery-stream", "front-door"),
    ),
    Check(
        name="undelivered",
        title="No event failed on its way to the lake",
        looks_at="files under the error prefix since yesterday",
        otherwise="the file has the reason (runbook, delivery-errors)",
        source="https://docs.aws.amazon.com/firehose/latest/dev/retry.html",
        when=When.AFTER,
        stack="Streaming",
        look=lambda patient: patient.each_kind(_undelivered),
    ),
    Check(
        name="lake-object",
        title="Firehose writes with its prefixes and delimiter, one event a line",
        looks_at="the start of today's newest file under `dt=…/hh=…/`",
        otherwise="report it",
        source="https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html",
        when=When.AFTER,
        stack="Streaming",
        look=lambda patient: patient.each_kind(_object),
        needs=("delivery-stream", "front-door"),
    ),
)
