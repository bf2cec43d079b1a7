"""The processors of a delivery stream, and the settings of its function.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from laptop.aws.firehose.buffer import LEAST_INTERVAL_SECONDS, Batch, BufferingHints
from laptop.aws.firehose.limits import RefusedError
from laptop.aws.firehose.record import Record

APPEND_DELIMITER = "AppendDelimiterToRecord"
LAMBDA = "Lambda"

# Each with its default and the allowed range; retries and seconds are whole numbers.
_RETRIES = ("NumberOfRetries", 3, 0, 300)
_SIZE = ("BufferSizeInMBs", 1, 0.2, 3)
_INTERVAL = ("BufferIntervalInSeconds", 60, 0, 900)
_PARAMETERS = {"LambdaArn", "RoleArn", _RETRIES[0], _SIZE[0], _INTERVAL[0]}

_MAX_REQUEST_BYTES = 6 * 1024 * 1024
# What surrounds the records in a request.
_ENVELOPE_BYTES = 1024


def processors(config: dict[str, Any], kind: str | None = None) -> list[dict[str, Any]]:
    """A destination's processors, or those of one type; none if they are switched off."""
    processing = config.get("ProcessingConfiguration") or {}
    found: list[dict[str, Any]] = processing.get("Processors") or []
    return [one for one in found if kind in (None, one.get("Type"))] if processing.get("Enabled") else []


def parameters(processor: dict[str, Any]) -> dict[str, str]:
    """A processor's parameters, by name."""
    return {one["ParameterName"]: str(one["ParameterValue"]) for one in processor.get("Parameters") or []}


class FunctionBuffer(BufferingHints):
    """The limits of the buffer before a function: a batch is never larger, and fits into one request."""

    def takes(self, batch: Batch, record: Record) -> bool:
        """True if the record may join the batch."""
        request = batch.request_bytes + record.request_bytes + _ENVELOPE_BYTES
        return batch.size + len(record.data) <= self.size_bytes and request <= _MAX_REQUEST_BYTES


@dataclass(frozen=True)
class FunctionSettings:
    """The function that transforms records: its ARN, the role that invokes it, its retries and buffer."""

    arn: str
    role_arn: str
    retries: int
    buffer: FunctionBuffer

    @classmethod
    def of(cls, config: dict[str, Any]) -> FunctionSettings | None:
        """Read the settings of a destination's Lambda processor; None without one.

        Raises:
            RefusedError: AWS would refuse them.
        """
        found = processors(config, LAMBDA)
        if not found:
            return None
        if len(found) > 1:
            raise _refusal(f"Only one processor of type {LAMBDA} is allowed, not {len(found)}.")
        chosen = parameters(found[0])
        for name in sorted(chosen.keys() - _PARAMETERS):
            raise _refusal(f"A processor of type {LAMBDA} has no parameter {name}.")
        if not chosen.get("LambdaArn"):
            raise _refusal(f"A processor of type {LAMBDA} must have the parameter LambdaArn.")
        interval = max(_number(chosen, *_INTERVAL, whole=True), LEAST_INTERVAL_SECONDS)
        return cls(
            arn=chosen["LambdaArn"],
            role_arn=chosen.get("RoleArn") or str(config.get("RoleARN") or ""),
            retries=int(_number(chosen, *_RETRIES, whole=True)),
            buffer=FunctionBuffer(interval, _number(chosen, *_SIZE, whole=False) * 1024 * 1024),
        )


def _number(
    chosen: dict[str, str], name: str, default: float, least: float, most: float, *, whole: bool
) -> float:
    written = chosen.get(name, str(default))
    try:
        value = float(int(written) if whole else float(written))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise _refusal(f"{name} must be {kind} from {least} to {most}, not {written}.")
    return value


def _refusal(message: str) -> RefusedError:
    return RefusedError("InvalidArgumentException", message)
