"""Sending of generated events: good ones by `clickstream send`, foreign records straight into the front door."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from tests.e2e.laptop import Laptop, as_json
from tests.exactness.events import Maker, Sent

_BATCH = 200


def send_good(laptop: Laptop, env: str, maker: Maker, count: int, sent: Sent, folder: Path) -> None:
    """Send events with the command, as one file."""
    file = folder / f"{env}.ndjson"
    with file.open("w", encoding="utf-8") as out:
        for _ in range(count):
            event = maker.good()
            sent.rows[event["event_id"]] = event
            out.write(json.dumps(event) + "\n")
    report = as_json(laptop.run("send", str(file), "--env", env, "--json"))
    assert (report["sent"], report["rejected"]) == (count, 0), report


def put_foreign(laptop: Laptop, env: str, maker: Maker, count: int, sent: Sent) -> None:
    """Put records with the SDK, as someone else's tracker does."""
    records = maker.records(count, sent)
    while batch := list(islice(records, _BATCH)):
        put(laptop, env, batch)


def put(laptop: Laptop, env: str, batch: Iterable[bytes]) -> None:
    """Put records into the front door until it has taken all."""
    left: list[Any] = list(batch)
    while left:
        if env == "local-direct":
            answer = laptop.client("firehose").put_record_batch(
                DeliveryStreamName=f"clickstream-{env}-to-lake", Records=[{"Data": data} for data in left]
            )
            results = answer["RequestResponses"]
        else:
            answer = laptop.client("kinesis").put_records(
                StreamName=f"clickstream-{env}-events",
                Records=[{"Data": data, "PartitionKey": str(number)} for number, data in enumerate(left)],
            )
            results = answer["Records"]
        left = [data for data, result in zip(left, results, strict=True) if "ErrorCode" in result]
