"""The event gate, run on this machine for records that never passed the deployed one."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import contract
from config.names import EventStream
from event_gate.folding import Folder
from event_gate.gate import Gate
from event_gate.rejects import Reject
from event_gate.tally import Tally


class Judged(NamedTuple):
    """The events in a record, as lines of the lake, and the texts in it that are none."""

    lines: bytes
    rejects: Sequence[Reject]


class Judge:
    """Checks records of one kind of event by the config's contract.

    Args:
        stream: the kind of event.

    Raises:
        ValueError: its contract is not usable.
    """

    def __init__(self, stream: EventStream) -> None:
        loaded = contract.load(stream.contract)
        self._rejects: list[Reject] = []
        self._gate = Gate(contract.Checker(loaded), Folder(loaded), self, stream.name)

    def keep(self, rejects: Sequence[Reject], kind: str) -> None:
        """Take the rejects of a record from the gate."""
        self._rejects += rejects

    def judge(self, data: bytes, arrived: datetime) -> Judged | None:
        """Check a record that arrived then; None if it unpacks to more than the gate can answer."""
        self._rejects = []
        record = {
            "recordId": "1",
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": round(arrived.timestamp() * 1000),
        }
        (answer,) = self._gate.transform({"records": [record]}, Tally("", ""))["records"]
        if answer["result"] == "ProcessingFailed":
            return None
        return Judged(base64.b64decode(answer.get("data", "")), self._rejects)
