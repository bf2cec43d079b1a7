"""Missing lines are found, and loaded once: with real files, rows, notifications and functions."""

from __future__ import annotations

import gzip
import json
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from cli.repair.objects import hour_folder
from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import as_json, eventually


class Lake:
    """The lake of click events, where files are put by hand."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._s3 = pipeline.client("s3")
        buckets = [bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]]
        (self.bucket,) = (name for name in buckets if "eventlake" in name and "log" not in name)
        self.run = uuid4().hex[:8]

    def line(self, name: str) -> str:
        now = datetime.now(UTC).isoformat()
        return json.dumps(
            {"event_id": f"{self.run}-{name}", "event_type": "click", "page_id": "p", "timestamp": now}
        )

    def put(self, name: str, *lines: str) -> str:
        key = f"{hour_folder('events/', datetime.now(UTC))}{self.run}-{name}.gz"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress("\n".join(lines).encode()))
        return key

    def rows(self) -> list[str]:
        found = self._pipeline.query(
            f"SELECT event_id FROM click_events WHERE STARTSWITH(event_id, '{self.run}-')"
        )
        return sorted(row["EVENT_ID"].removeprefix(f"{self.run}-") for row in found)


@pytest.fixture(name="lake")
def _lake(pipeline: Pipeline) -> Iterator[Lake]:
    yield Lake(pipeline)
    faults(pipeline, "DELETE")


def faults(pipeline: Pipeline, method: str, wanted: Sequence[dict[str, Any]] = ()) -> None:
    url = pipeline.cloud.environment()["AWS_ENDPOINT_URL"] + "/_laptop/faults"
    body = json.dumps(wanted).encode() if wanted else None
    request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - loopback
        pass


def test_what_is_missing_is_found_and_loaded_once(pipeline: Pipeline, lake: Lake) -> None:
    faults(pipeline, "POST", [{"kind": "notification_lost", "match": f"{lake.run}-lost", "times": 1}])
    lost = lake.put("lost", lake.line("l1"), lake.line("l2"))
    broken = lake.put("broken", lake.line("b1"), "{broken", lake.line("b3"), "null", lake.line("b5"))
    blank = lake.put("blank", " ", lake.line("e1"), lake.line("e2"))
    eventually(lambda: lake.rows() == ["b1"])

    missing = (f"lines 3,5 of {broken} are not in the table", f"lines 1-2 of {blank} are not in the table")

    def found() -> str:
        text = pipeline.run("reconcile", "--events", "clicks", "--from", "1h", "--grace", "0s", code=3)
        return text if all(each in text for each in missing) else ""

    assert f"no row of {lost}, and no load of it" in eventually(found)
    planned = pipeline.run("reconcile", "--from", "1h", "--grace", "0s", "--repair", "--dry-run", code=3)
    assert f"repair: announce {lost} again" in planned
    assert lake.rows() == ["b1"]

    pipeline.run("reconcile", "--events", "clicks", "--from", "1h", "--grace", "0s", "--repair")
    assert lake.rows() == ["b1", "b3", "b5", "e1", "e2", "l1", "l2"]
    pipeline.run(
        "reconcile", "--events", "clicks", "--from", "1h", "--grace", "0s", "--repair", "--count-lines"
    )
    assert lake.rows() == ["b1", "b3", "b5", "e1", "e2", "l1", "l2"]
    listed = as_json(pipeline.run("rejects", "list", "--since", "2h", "--limit", "10000", "--json"))[
        "rejects"
    ]
    assert sorted(each["id"] for each in listed if broken in each["id"] and not each["redriven"]) == [
        f"{broken}:2",
        f"{broken}:4",
    ]


def test_the_events_of_a_failed_record_are_loaded_once(pipeline: Pipeline, lake: Lake) -> None:
    faults(pipeline, "POST", [{"kind": "function_fails", "match": "clicks-gate", "times": 1}])
    stream = "clickstream-local-events"
    record = "\n".join([lake.line("f1"), "oops", lake.line("f2")]).encode()
    pipeline.client("kinesis").put_record(StreamName=stream, PartitionKey="a", Data=record)

    def failed() -> list[Any]:
        listed = as_json(pipeline.run("rejects", "list", "--reason", "processing_failed", "--json"))[
            "rejects"
        ]
        return [each for each in listed if not each["redriven"]]

    eventually(failed)
    pipeline.run("rejects", "redrive", "--reason", "processing_failed")
    eventually(lambda: lake.rows() == ["f1", "f2"])
    assert failed() == []
    pipeline.run("rejects", "redrive", "--reason", "processing_failed")
    eventually(
        lambda: pipeline.run("reconcile", "--events", "clicks", "--from", "1h", "--grace", "0s", "--repair")
    )
    assert lake.rows() == ["f1", "f2"]
