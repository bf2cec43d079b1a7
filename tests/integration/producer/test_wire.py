"""Real boto3 clients against answers in AWS's format."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

import contract
from producer import RejectsFile, Report, RetryPolicy, SendOptions, Target, generate, send
from tests.integration.producer.conftest import lead_clients_to

Kind = Literal["kinesis", "firehose"]
COUNT = 120
BUSY = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"}


@pytest.fixture(params=["kinesis", "firehose"], name="kind")
def _kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture(name="rejects")
def _rejects(tmp_path: Path) -> Iterator[RejectsFile]:
    with RejectsFile(tmp_path / "rejects.ndjson") as rejects:
        yield rejects


def send_some(kind: Kind, rejects: RejectsFile, attempts: int = 4) -> Report:
    retry = RetryPolicy(attempts=attempts, base_seconds=0.001, cap_seconds=0.01, total_seconds=20)
    return send(
        generate(contract.load(), count=COUNT, seed=1),
        contract=contract.load(),
        target=Target(kind=kind, name="clicks", region="eu-west-1"),
        rejects=rejects,
        options=SendOptions(record_bytes=4096, retry=retry),
    )


def error(code: str) -> dict[str, Any]:
    return {"__type": code, "message": "because"}


def records(wire: Any, call: int) -> list[bytes]:
    return [base64.b64decode(record["Data"]) for record in wire.requests[call][1]["Records"]]


def test_events_arrive_unchanged(wire: Any, kind: Kind, rejects: RejectsFile) -> None:
    report = send_some(kind, rejects)
    ((operation, request),) = wire.requests
    assert operation == {"kinesis": "PutRecords", "firehose": "PutRecordBatch"}[kind]
    assert request["StreamName" if kind == "kinesis" else "DeliveryStreamName"] == "clicks"
    sent = [event for record in records(wire, 0) for event in record.split(b"\n")]
    assert sent == [found.text.encode() for found in generate(contract.load(), count=COUNT, seed=1)]
    assert (report.sent, report.calls, report.records) == (COUNT, 1, len(request["Records"]))
    if kind == "kinesis":
        assert len({record["PartitionKey"] for record in request["Records"]}) == report.records > 3


def test_a_200_with_failed_records_is_not_a_success(wire: Any, kind: Kind, rejects: RejectsFile) -> None:
    answers: list[dict[str, str]] = [{"RecordId": "1"}] * 9
    answers[2] = answers[5] = BUSY
    wire.script = [(200, {"FailedPutCount": 2, "RequestResponses": answers, "Records": answers})]
    report = send_some(kind, rejects)
    assert (report.records, report.calls, report.sent) == (9, 2, COUNT)
    assert records(wire, 1) == [records(wire, 0)[2], records(wire, 0)[5]]


@pytest.mark.parametrize(
    "answer",
    [
        (400, error("ThrottlingException")),
        (400, error("ProvisionedThroughputExceededException")),
        (500, error("InternalFailure")),
        (503, error("ServiceUnavailableException")),
        "drop",
    ],
)
def test_transient_errors_are_retried(wire: Any, kind: Kind, rejects: RejectsFile, answer: Any) -> None:
    wire.script = [answer, answer]
    report = send_some(kind, rejects)
    assert (report.sent, report.calls, report.retried) == (COUNT, 3, 2 * COUNT)
    assert report.is_complete


def test_the_sdk_does_not_retry(wire: Any, kind: Kind, rejects: RejectsFile) -> None:
    wire.script = [(503, error("ServiceUnavailableException"))] * 20
    report = send_some(kind, rejects, attempts=2)
    assert len(wire.requests) == report.calls == 2
    assert report.stopped is not None
    assert "ServiceUnavailableException: because" in report.stopped


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_permanent_errors_are_not_retried(wire: Any, kind: Kind, rejects: RejectsFile, code: str) -> None:
    wire.script = [(400, error(code))]
    report = send_some(kind, rejects)
    assert len(wire.requests) == 1
    assert report.failed == COUNT
    assert report.stopped is not None
    assert "'clicks' (eu-west-1)" in report.stopped
    assert f"{code}: because; check" in report.stopped


def test_a_refused_connection_fails_in_time_and_loses_nothing(
    kind: Kind, rejects: RejectsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_clients_to("http://127.0.0.1:9", monkeypatch)
    started = time.monotonic()
    report = send_some(kind, rejects)
    assert time.monotonic() - started < 60
    rejects.close()
    assert report.failed == len(rejects.path.read_text().splitlines()) == COUNT
    assert report.stopped is not None
    assert "EndpointConnectionError" in report.stopped
