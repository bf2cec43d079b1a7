"""The faults that the emulator has, and the queue of requested ones."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from laptop.cloud.faults import FaultQueue, RequestedFault

RequestFault = Literal["cut", "lost_answer", "http_503"]
RecordFault = Literal["record_throttled", "record_failed"]
NotificationFault = Literal["notification_lost", "notification_doubled", "notification_late"]
FunctionFault = Literal["function_fails", "function_times_out"]


class Fault(RequestedFault):
    """A fault of AWS; the README has a table of the kinds and of the texts that `match` is part of."""

    kind: RequestFault | RecordFault | NotificationFault | FunctionFault
    seconds: float = Field(default=2.0, ge=0)


faults = FaultQueue(Fault)


def record_fault(stream: str) -> RecordFault | None:
    """The fault of one record that is put into a stream, if any."""
    fault = faults.strike(stream, get_args(RecordFault))
    return fault.kind if fault else None  # type: ignore[return-value]  # one of those asked for
