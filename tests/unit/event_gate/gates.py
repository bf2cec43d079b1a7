"""A gate with a store that keeps rejects in memory, and requests as Firehose makes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import contract
from contract import EventContract
from event_gate.folding import Folder
from event_gate.gate import Gate
from event_gate.rejects import Reject
from event_gate.tally import Tally

ARRIVED = 1_795_342_530_123
RECEIVED_AT = "2026-11-22T10:15:30.123Z"
GOOD = {"event_id": "e1", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}


class Store:
    """The rejects folder; `broken` makes it refuse."""

    def __init__(self) -> None:
        self.kept: list[Reject] = []
        self.broken = False

    def keep(self, rejects: Sequence[Reject], kind: str) -> None:
        if self.broken:
            raise OSError("no space")
        self.kept += rejects

    def texts(self) -> list[bytes]:
        return [reject.text.encode("utf-8", "surrogateescape") for reject in self.kept]


class Harness:
    """A gate for one contract."""

    def __init__(self, event_contract: EventContract | None = None) -> None:
        event_contract = event_contract or contract.load()
        self.store = Store()
        self.tally = Tally("clickstream-test", "clicks")
        checker = contract.Checker(event_contract)
        self.gate = Gate(checker, Folder(event_contract), self.store, "clicks")

    def answer(self, *records: bytes, **more: Any) -> list[dict[str, Any]]:
        answer = self.gate.transform(request(*records, **more), self.tally)
        assert [each["recordId"] for each in answer["records"]] == [str(n) for n in range(len(records))]
        return list(answer["records"])

    def lines(self, *records: bytes) -> list[dict[str, Any]]:
        """The lines of all records that go on."""
        return [line for answered in self.answer(*records) for line in lines(answered)]

    def reasons(self) -> list[str]:
        return [reject.flaws[0].reason.value for reject in self.store.kept]


def request(*records: bytes, arrived: int = ARRIVED, kinesis: bool = False) -> dict[str, Any]:
    """A request for data transformation.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
    """
    metadata = {"shardId": "shardId-000000000001", "sequenceNumber": "4957", "subsequenceNumber": ""}
    return {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/d",
        "records": [
            {
                "recordId": str(number),
                "data": base64.b64encode(data).decode(),
                "approximateArrivalTimestamp": arrived,
                **(
                    {"kinesisRecordMetadata": {**metadata, "sequenceNumber": f"4957{number}"}}
                    if kinesis
                    else {}
                ),
            }
            for number, data in enumerate(records)
        ],
    }


def lines(answered: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of one record of an answer, each of which ends with a line end."""
    text = base64.b64decode(answered.get("data", "")).decode()
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def event(**fields: Any) -> bytes:
    return json.dumps(GOOD | fields).encode()
