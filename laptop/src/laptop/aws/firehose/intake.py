"""The intake of records: direct puts, and the Kinesis streams that delivery streams read."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_epoch
from ministack.services import firehose

from laptop.aws import kinesis_metrics
from laptop.aws.faults.fault import record_fault
from laptop.aws.firehose import measures
from laptop.aws.firehose.delivery import Deliveries
from laptop.aws.firehose.kinesis_source import KinesisReader, newest_positions
from laptop.aws.firehose.limits import RefusedError, check_direct_put, decoded_batch, decoded_record
from laptop.aws.firehose.record import Record
from laptop.aws.firehose.route import Route
from laptop.aws.firehose.s3_object import Destination
from laptop.aws.firehose.supported import check_supported
from laptop.aws.firehose.transformation import Transformations
from laptop.aws.firehose.updating import Configurations
from laptop.aws.throttling import firehose as throttling

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict[str, Any]], Response]
Resolver = Callable[[dict[str, Any]], tuple[str | None, dict[str, Any] | None]]
Refusal = tuple[str, str]

# The two codes of a refused record: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
_SLOW_DOWN: Refusal = ("ServiceUnavailableException", "Slow down.")
_FAILED: Refusal = ("InternalFailure", "Internal service failure.")

_deliveries = Deliveries()
_kinesis = KinesisReader()
_transformations = Transformations()
_configurations = Configurations()
_routes: dict[tuple[str, int, str], Route] = {}
_routes_lock = threading.Lock()


def install() -> None:
    """Replace MiniStack's delivery, which writes one plain object per record, by this one."""
    firehose._HANDLERS["PutRecord"] = _answering_refusals(_put_record)
    firehose._HANDLERS["PutRecordBatch"] = _answering_refusals(_put_record_batch)
    create = _answering_refusals(firehose._create_delivery_stream)
    firehose._HANDLERS["CreateDeliveryStream"] = firehose._create_delivery_stream = create
    firehose._HANDLERS["UpdateDestination"] = _answering_refusals(firehose._update_destination)
    # Requests and CloudFormation parse a destination with these, before anything is changed.
    firehose._resolve_dest_type_and_config = _supported_only(firehose._resolve_dest_type_and_config)
    firehose._resolve_dest_update_config = _supported_only(firehose._resolve_dest_update_config)
    firehose.ingest_from_kinesis_source = ingest_from_kinesis


def ingest_from_kinesis(stream_arn: str, records: list[tuple[str, bytes]]) -> None:
    """Pass the new records of a Kinesis stream to every delivery stream that reads it."""
    if not records:
        return
    positions = newest_positions(stream_arn, len(records))
    put = [(payload, position) for (_, payload), position in zip(records, positions, strict=True)]
    for stream in list(firehose._streams.values()):
        source = stream.get("kinesis_source") or {}
        if source.get("KinesisStreamARN") == stream_arn and stream["status"] == "ACTIVE":
            _kinesis.read(stream, put, _take_from_kinesis)


def seconds_behind_kinesis(stream_arn: str) -> float:
    """The delay of a delivery stream behind the newest record of its Data Stream."""
    return _kinesis.seconds_behind(stream_arn)


def oldest_record(stream_arn: str) -> float | None:
    """The arrival of a stream's oldest record that is not delivered yet; None if all are."""
    with _routes_lock:
        waiting = [route.oldest for (arn, _, _), route in _routes.items() if arn == stream_arn]
    waiting += [_transformations.oldest(stream_arn), _deliveries.oldest(stream_arn)]
    return min((at for at in waiting if at is not None), default=None)


def _put_record(data: dict[str, Any]) -> Response:
    stream = _direct_put_stream(data)
    if stream is None:
        return _not_found(data)
    payload = decoded_record(data.get("Record") or {})
    _check_rate(stream, 1)
    if (refusal := _take_what_fits(stream, [payload])[0]) is not None:
        raise RefusedError(*refusal, status=500)
    return _ok({"RecordId": _record_id(), "Encrypted": _is_encrypted(stream)})


def _put_record_batch(data: dict[str, Any]) -> Response:
    stream = _direct_put_stream(data)
    if stream is None:
        return _not_found(data)
    payloads = decoded_batch(data.get("Records") or [])
    _check_rate(stream, len(payloads))
    refusals = _take_what_fits(stream, payloads)
    responses = [
        {"ErrorCode": refusal[0], "ErrorMessage": refusal[1]} if refusal else {"RecordId": _record_id()}
        for refusal in refusals
    ]
    return _ok(
        {
            "FailedPutCount": len(refusals) - refusals.count(None),
            "Encrypted": _is_encrypted(stream),
            "RequestResponses": responses,
        }
    )


def _check_rate(stream: dict[str, Any], records: int) -> None:
    if not throttling.takes_a_put(stream["arn"]):
        measures.received_directly(stream["name"], [], throttled=records)
        raise RefusedError(*_SLOW_DOWN, status=500)


def _take_what_fits(stream: dict[str, Any], payloads: list[bytes]) -> list[Refusal | None]:
    """Accept the records that a stream's quota still allows; return the code and message of each refused one."""
    fits = throttling.taken(stream["arn"], payloads)
    refusals = [_refusal(stream, fit) for fit in fits]
    passed = [payload for payload, refusal in zip(payloads, refusals, strict=True) if refusal is None]
    if passed:
        _take(stream, [Record(payload) for payload in passed])
    measures.received_directly(stream["name"], passed, throttled=refusals.count(_SLOW_DOWN))
    return refusals


def _refusal(stream: dict[str, Any], fits: bool) -> Refusal | None:
    fault = record_fault(stream["name"])
    if fault == "record_failed":
        return _FAILED
    return None if fits and fault is None else _SLOW_DOWN


def _direct_put_stream(data: dict[str, Any]) -> dict[str, Any] | None:
    stream: dict[str, Any] | None = firehose._streams.get(data.get("DeliveryStreamName", ""))
    if stream is None or stream["status"] != "ACTIVE":
        return None
    check_direct_put(stream["type"])
    return stream


def _take_from_kinesis(stream: dict[str, Any], records: list[Record]) -> None:
    _take(stream, records)
    payloads = [record.data for record in records]
    measures.read_from_kinesis(stream["name"], payloads)
    kinesis_metrics.read_by_firehose(stream["kinesis_source"]["KinesisStreamARN"], payloads)


def _take(stream: dict[str, Any], records: list[Record]) -> None:
    configuration = _configurations.next(stream)
    for destination in configuration.destinations:
        _route_of(stream, configuration.version, destination).add(records)


def _route_of(stream: dict[str, Any], version: int, destination: dict[str, Any]) -> Route:
    """The route for one version of a stream; a changed stream gets a new one."""
    key = (stream["arn"], version, destination["id"])
    with _routes_lock:
        if key not in _routes:
            config = dict(destination["config"])
            target = Destination(stream["name"], stream["arn"], version, config)
            source_arn = (stream.get("kinesis_source") or {}).get("KinesisStreamARN")
            _routes[key] = Route(target, source_arn, _deliveries, _transformations)
        return _routes[key]


def _supported_only(resolve: Resolver) -> Resolver:
    @functools.wraps(resolve)
    def checked(data: dict[str, Any]) -> tuple[str | None, dict[str, Any] | None]:
        destination, config = resolve(data)
        if destination and config is not None:
            check_supported(destination, config)
        return destination, config

    return checked


def _answering_refusals(handler: Handler) -> Handler:
    @functools.wraps(handler)
    def answered(data: dict[str, Any]) -> Response:
        try:
            return handler(data)
        except RefusedError as refusal:
            response: Response = error_response_json(refusal.code, refusal.message, refusal.status)
            return response

    return answered


def _ok(data: dict[str, Any]) -> Response:
    response: Response = json_response(data)
    return response


def _not_found(data: dict[str, Any]) -> Response:
    response: Response = firehose._not_found(data.get("DeliveryStreamName", ""))
    return response


def _is_encrypted(stream: dict[str, Any]) -> bool:
    return (stream.get("encryption") or {}).get("Status") == "ENABLED"


def _record_id() -> str:
    # As long and opaque as AWS's.
    return f"{int(now_epoch() * 1000):020d}{uuid.uuid4().hex}"
