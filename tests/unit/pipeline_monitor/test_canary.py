"""The canary: one event per minute through every stream, with an id derived from the schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

import contract
from pipeline_monitor import canary
from pipeline_monitor.canary_event import canary_id, canary_line, sent_at
from pipeline_monitor.errors import MonitorError
from snowflake_setup.session.errors import SetupError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCHEDULED = {"detail-type": "Scheduled Event", "time": "2026-11-23T12:00:00Z"}
CONTEXT: Any = SimpleNamespace(aws_request_id="r-1")
TARGETS = [
    {"events": "clicks", "kind": "kinesis", "name": "click-stream"},
    {"events": "orders", "kind": "firehose", "name": "orders-to-lake"},
]


@dataclass
class Door:
    """A Kinesis or Firehose client that accepts a record, or refuses it."""

    refusal: Exception | None = None
    taken: list[Mapping[str, Any]] = field(default_factory=list)

    def put_record(self, **request: Any) -> None:
        if self.refusal:
            raise self.refusal
        self.taken.append(request)


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> dict[str, Door]:
    made = {"kinesis": Door(), "firehose": Door()}
    monkeypatch.setenv("CANARY_TARGETS", json.dumps(TARGETS))
    monkeypatch.setenv("CANARY_DEPLOYMENT", "clickstream-test")
    monkeypatch.setattr(canary, "_clients", lambda kinds: {kind: made[kind] for kind in kinds})
    return made


def test_each_stream_gets_its_own_canary(doors: dict[str, Door]) -> None:
    sent = canary.on_schedule(SCHEDULED, CONTEXT)
    clicks, orders = "canary/2026-11-23T12:00:00.000Z/clicks", "canary/2026-11-23T12:00:00.000Z/orders"
    assert sent == {"sent": [clicks, orders]}
    assert doors["kinesis"].taken == [
        {"StreamName": "click-stream", "Data": canary_line(NOON, "clicks"), "PartitionKey": clicks}
    ]
    assert doors["firehose"].taken == [
        {"DeliveryStreamName": "orders-to-lake", "Record": {"Data": canary_line(NOON, "orders")}}
    ]


def test_a_repeated_invocation_sends_the_same_event(doors: dict[str, Door]) -> None:
    canary.on_schedule(SCHEDULED, CONTEXT)
    canary.on_schedule(dict(SCHEDULED), CONTEXT)
    first, second = doors["kinesis"].taken
    assert first == second


@pytest.mark.parametrize(
    "refusal",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutRecord"),
        EndpointConnectionError(endpoint_url="https://kinesis.eu-west-1.amazonaws.com"),
    ],
)
def test_a_failing_stream_does_not_stop_the_others(
    doors: dict[str, Door], refusal: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    doors["kinesis"].refusal = refusal
    with pytest.raises(MonitorError, match="canary not sent to clicks \\(click-stream\\)") as failed:
        canary.on_schedule(SCHEDULED, CONTEXT)
    assert str(refusal) in str(failed.value)
    assert len(doors["firehose"].taken) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["events"], line["request_id"]) for line in lines if "level" in line] == [
        ("ERROR", "clicks", "r-1"),
        ("INFO", "orders", "r-1"),
    ]
    counted = {line["Events"]: line["CanariesSent"] for line in lines if "_aws" in line}
    assert counted == {"clicks": 0, "orders": 1}


@pytest.mark.parametrize("event", [{}, {"time": None}, {"time": "noon"}])
def test_an_event_that_is_not_a_schedule_is_refused(doors: dict[str, Door], event: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match="a scheduled event has a time"):
        canary.on_schedule(event, CONTEXT)
    assert not doors["kinesis"].taken


def test_the_canary_satisfies_the_contract_and_has_no_newline() -> None:
    line = canary_line(NOON, "clicks")
    assert not line.endswith(b"\n")
    event = json.loads(line)
    assert event["event_type"].startswith("_")
    contract.validator(contract.load()).validate(event)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.text(min_size=1))
def test_the_sending_time_is_parsed_from_the_id(sent: datetime, events: str) -> None:
    read = sent_at(canary_id(sent, events))
    assert (
        read is None if "\n" in events else read == sent.replace(microsecond=sent.microsecond // 1000 * 1000)
    )


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    if one <= other:
        assert canary_id(one, "clicks") <= canary_id(other, "clicks")


@pytest.mark.parametrize(
    "event_id", ["", "e-1", "canary/", "canary/2026-99-99T00:00:00Z/clicks", "canary/now/clicks"]
)
def test_other_ids_have_no_time(event_id: str) -> None:
    assert sent_at(event_id) is None
